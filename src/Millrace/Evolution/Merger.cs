namespace Millrace;

/// <summary>
/// Merges two stored events into one event when they are read. The second event must directly follow the first in the
/// stream and in the log, and both must be from the same commit. Immutable.
/// </summary>
public sealed class Merger
{
    private readonly Func<object, object, object?> _merge;

    internal Merger(Type first, Type second, Type into, Func<object, object, object?> merge)
    {
        First = first;
        Second = second;
        Into = into;
        _merge = merge;
    }

    /// <summary>Gets the CLR type of the first event.</summary>
    public Type First { get; }

    /// <summary>
    /// Gets the CLR type of the second event. The merged event has the version and position of this event.
    /// </summary>
    public Type Second { get; }

    /// <summary>Gets the CLR type of the merged event.</summary>
    public Type Into { get; }

    internal object? Apply(object first, object second) => _merge(first, second);
}
