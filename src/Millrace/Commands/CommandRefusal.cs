namespace Millrace;

/// <summary>Tells the refusals of a domain from failures: sending the same command again would lead to the
/// same.</summary>
internal static class CommandRefusal
{
    public static bool Is(Exception exception) => exception is InvariantViolatedException or ValidationFailedException
        or AccessDeniedException or AggregateNotFoundException or AggregateExistsException or ClaimTakenException
        or CommandAlreadyRefusedException;
}
