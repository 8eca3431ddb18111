namespace App1Space.Tests;

/// <summary>Tests the rules of a ticket without a store, in microseconds.</summary>
public sealed class TicketTests
{
    private static readonly TicketId Printer = new("T-1");

    [Fact]
    public void A_ticket_is_opened_with_what_is_wrong() => Specification.For<Ticket, TicketId>(Printer)
        .When(ticket => ticket.Open("The printer is on fire"))
        .Then(new TicketOpened(Printer, "The printer is on fire"));

    [Fact]
    public void A_ticket_without_a_title_is_refused() => Specification.For<Ticket, TicketId>(Printer)
        .When(ticket => ticket.Open(" "))
        .ThenRefused("ticket-has-title");

    [Fact]
    public void A_closed_ticket_does_not_move() => Specification.For<Ticket, TicketId>(Printer)
        .Given(new TicketOpened(Printer, "The printer is on fire"), new TicketClosed(Printer, "Replaced"))
        .When(ticket => ticket.Assign("Ada"))
        .ThenRefused("only-open-tickets-move");
}
