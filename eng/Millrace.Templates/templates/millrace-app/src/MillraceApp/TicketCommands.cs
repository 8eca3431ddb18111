namespace App1Space;

public sealed record OpenTicket(TicketId Ticket, string Title) : ICommand;

public sealed record AssignTicket(TicketId Ticket, string Person) : ICommand;

public sealed record CloseTicket(TicketId Ticket, string Resolution) : ICommand;

/// <summary>Handlers are plain methods. Millrace loads the aggregate and saves the events that it raises.</summary>
public static class TicketHandlers
{
    public static void Handle(OpenTicket command, [New] Ticket ticket) => ticket.Open(command.Title);

    public static void Handle(AssignTicket command, Ticket ticket) => ticket.Assign(command.Person);

    public static void Handle(CloseTicket command, Ticket ticket) => ticket.Close(command.Resolution);
}
