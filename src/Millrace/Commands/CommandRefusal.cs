namespace Millrace.Commands;

/// <summary>
/// Distinguishes refusals of the domain from failures. If a command with a refusal of the domain is sent again, it is
/// refused again.
/// </summary>
internal static class CommandRefusal
{
    public static bool Is(Exception exception) => exception is InvariantViolatedException or ValidationFailedException
        or AccessDeniedException or AggregateNotFoundException or AggregateExistsException or ClaimTakenException
        or CommandAlreadyRefusedException;
}
