namespace Millrace;

/// <summary>
/// Reads two stored events as one, if the second follows the first in the stream and in the log, and both were
/// committed together. Immutable.
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

    /// <summary>Gets the CLR type of the second event, whose version and position the merged event has.</summary>
    public Type Second { get; }

    /// <summary>Gets the CLR type of the merged event.</summary>
    public Type Into { get; }

    internal object? Apply(object first, object second) => _merge(first, second);
}
