namespace Millrace;

/// <summary>There is no dead letter of that number: it was never there, or its event has passed.</summary>
public sealed class DeadLetterNotFoundException(long id)
    : MillraceException($"There is no dead letter {id}. It may have passed meanwhile: list those that there are.")
{
    /// <summary>The number.</summary>
    public long Id { get; } = id;
}
