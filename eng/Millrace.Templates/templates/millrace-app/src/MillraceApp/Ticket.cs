namespace App1Space;

/// <summary>Enforces the rules of a ticket. <c>When</c> only stores what a later decision needs.</summary>
[Stream("ticket")]
public sealed partial class Ticket : Aggregate<TicketId>
{
    private bool _isClosed;

    public void Open(string title)
    {
        Require(!string.IsNullOrWhiteSpace(title), "ticket-has-title", "A ticket says what is wrong.");
        Raise(new TicketOpened(Id, title));
    }

    public void Assign(string person)
    {
        Require(!_isClosed, "only-open-tickets-move", "The ticket is closed.");
        Raise(new TicketAssigned(Id, person));
    }

    public void Close(string resolution)
    {
        Require(!_isClosed, "only-open-tickets-move", "The ticket is closed already.");
        Raise(new TicketClosed(Id, resolution));
    }

    private void When(TicketClosed closed) => _isClosed = true;
}
