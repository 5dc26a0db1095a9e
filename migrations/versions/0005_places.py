"""Places that are not in the city pack: the centre's own landmarks, and an OpenStreetMap extract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema one step forward."""
    op.create_table(
        "landmarks",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("kelurahan_code", sa.String(length=16), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_landmarks_added_by_users")),
        sa.ForeignKeyConstraint(["retired_by"], ["users.id"], name=op.f("fk_landmarks_retired_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landmarks")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "place_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_imports")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "imported_places",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("kelurahan_code", sa.String(length=16), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_m", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["place_imports.id"], name=op.f("fk_imported_places_import_id_place_imports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_places")),
    )
    op.create_index(op.f("ix_imported_places_import_id"), "imported_places", ["import_id"], unique=False)


def downgrade() -> None:
    """Take that step back."""
    op.drop_index(op.f("ix_imported_places_import_id"), table_name="imported_places")
    op.drop_table("imported_places")
    op.drop_table("place_imports")
    op.drop_table("landmarks")
