"""While a caller is in my handset, my screen is that caller's ticket, and every word stays with whoever said it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.real


def test_the_screen_is_the_callers_who_is_in_the_handset_and_no_word_moves_to_another(people, exchange, office):
    console = people.operator()
    first, second = exchange.ring("081200003301"), exchange.ring("081200003302")
    exchange.answered(first, "op1")
    expect(console.see("#work-title")).to_contain_text(first.short)
    console.hear("tebal asap di karundang")
    console.press("Escape")
    console.see('.work-actions [data-action="close"]').click()  # a dialog about the first caller is open
    expect(console.see("#close-ticket")).to_be_visible()
    exchange.answered(second, "op1")  # the end of the first call was not told yet
    expect(console.see("#work-title")).to_contain_text(second.short)
    expect(console.see("#close-ticket")).to_be_hidden()
    expect(console.entry).to_have_value("")
    console.hear("motor jatuh di cipocok")
    console.see(f'#own [data-key="{first.ticket}"], #tickets [data-key="{first.ticket}"]').click()
    expect(console.entry).to_have_value("tebal asap di karundang")
    console.see(f'#own [data-key="{second.ticket}"]').click()
    expect(console.entry).to_have_value("motor jatuh di cipocok")
    third = exchange.ring("081200003309")  # the second call's end was lost: a second press says that it is over
    expect(console.ringing(third.ticket)).to_be_visible()
    console.press("Shift+Enter")
    expect(console.toast("Tekan sekali lagi")).to_be_visible()
    console.press("Shift+Enter")
    expect(console.see("#work-title")).to_contain_text(third.short)
    exchange.ended(third, answered=False)
    for call in (first, second):
        exchange.ended(call, answered=True)


def test_a_caller_sorted_out_with_one_key_stays_in_sight_while_the_telephones_ring_and_blocks_nobody(
    people, exchange, office
):
    earlier = exchange.ring("081200003303")
    office.does("operator2", earlier.ticket, "claim")
    office.does("operator2", earlier.ticket, "classify", classification="prank")
    exchange.ended(earlier, answered=False)
    console, colleague = people.operator(1), people.operator(2)
    prank = exchange.ring("081200003303")
    expect(console.ringing(prank.ticket)).to_be_visible()
    console.page.wait_for_timeout(700)  # the key takes a call only once it has stood there for a moment
    console.press("F2")
    for screen in (console, colleague):
        expect(screen.ringing(prank.ticket)).to_contain_text("ditandai iseng")
        expect(screen.see("#next-call")).to_contain_text("Tidak ada panggilan menunggu.")
    real = exchange.ring("081200003304")
    expect(colleague.see("#next-call")).to_contain_text("0812-0000-3304")
    colleague.page.reload()  # and after a reload it is still there
    expect(colleague.ringing(prank.ticket)).to_contain_text("ditandai iseng")
    exchange.answered(real, "op1")
    expect(console.see("#work-title")).to_contain_text(real.short)
    console.press("F8", "F8")
    expect(console.see("#undo-strip")).to_contain_text("Ditandai salah sambung")
    console.press("Enter")  # sorted out while the caller still talks: the next call can be taken
    expect(console.see("#idle")).to_be_visible()
    another = exchange.ring("081200003305")
    expect(console.see("#next-call")).to_contain_text("0812-0000-3305")
    console.press("Shift+Enter")
    expect(console.see("#work-title")).to_contain_text(another.short)
    exchange.answered(prank, "op2")
    expect(colleague.see("#work-title")).to_contain_text(prank.short)  # heard after all: opened again
    for call in (prank, real, another):
        exchange.ended(call, answered=True)
