namespace Millrace;

/// <summary>
/// Distinguishes refusals of the domain from failures: sending the same command again would be refused again.
/// </summary>
internal static class CommandRefusal
{
    public static bool Is(Exception exception) => exception is InvariantViolatedException or ValidationFailedException
        or AccessDeniedException or AggregateNotFoundException or AggregateExistsException or ClaimTakenException
        or CommandAlreadyRefusedException;
}
