namespace App1Space;

public sealed record OpenTicket(TicketId Ticket, string Title) : ICommand;

public sealed record AssignTicket(TicketId Ticket, string Person) : ICommand;

public sealed record CloseTicket(TicketId Ticket, string Resolution) : ICommand;

/// <summary>Handlers are plain methods: the aggregate is loaded for them, and what it raises is saved.</summary>
public static class TicketHandlers
{
    public static void Handle(OpenTicket command, [New] Ticket ticket) => ticket.Open(command.Title);

    public static void Handle(AssignTicket command, Ticket ticket) => ticket.Assign(command.Person);

    public static void Handle(CloseTicket command, Ticket ticket) => ticket.Close(command.Resolution);
}
