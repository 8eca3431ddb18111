namespace Millrace;

/// <summary>Converts events of one stored shape to newer shapes. Immutable.</summary>
public sealed class Upcaster
{
    private readonly Func<object, object?> _upcast;

    internal Upcaster(Func<object, object?> upcast) => _upcast = upcast;

    /// <summary>Gets the CLR type of the source; null if the source is JSON.</summary>
    public Type? FromType { get; internal init; }

    /// <summary>Gets the stored name of the JSON source; null if the source is an object.</summary>
    public string? FromName { get; internal init; }

    /// <summary>Gets the schema version of the JSON source; 0 if the source is an object.</summary>
    public int FromVersion { get; internal init; }

    /// <summary>Gets the CLR types of the results; empty if the result is JSON of another version.</summary>
    public IReadOnlyList<Type> Into { get; internal init; } = [];

    /// <summary>Gets the schema version of the JSON result; 0 if the results are objects.</summary>
    public int ToVersion { get; internal init; }

    /// <summary>Gets whether the upcaster may convert one stored event to several events, or to no event.</summary>
    public bool IsSplit { get; internal init; }

    internal bool TakesJson => FromType is null;

    internal bool MakesJson => ToVersion > 0;

    /// <summary>
    /// Converts an event. Returns another event or the JSON of another event. If the upcaster splits events, returns an
    /// array of the results.
    /// </summary>
    internal object? Apply(object old) => _upcast(old);
}
