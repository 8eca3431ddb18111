namespace Millrace;

/// <summary>Thrown when no dead letter has the id, because it never existed or its event has succeeded.</summary>
public sealed class DeadLetterNotFoundException(long id)
    : MillraceException(
        $"There is no dead letter {id}. Its event may have succeeded. List the dead letters to see their ids.")
{
    /// <summary>Gets the id.</summary>
    public long Id { get; } = id;
}
