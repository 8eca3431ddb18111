namespace Millrace;

/// <summary>
/// A way from two stored events to one: where the second follows the first in their stream and in the log, and both
/// were committed together. Immutable.
/// </summary>
public sealed class Merger
{
    private readonly Func<object, object, object?> _merge;

    internal Merger(Type first, Type second, Type into, Func<object, object, object?> merge) =>
        (First, Second, Into, _merge) = (first, second, into, merge);

    /// <summary>The CLR type of the first event.</summary>
    public Type First { get; }

    /// <summary>The CLR type of the second event, whose place the merged one takes.</summary>
    public Type Second { get; }

    /// <summary>The CLR type of what both are read as.</summary>
    public Type Into { get; }

    internal object? Apply(object first, object second) => _merge(first, second);
}
