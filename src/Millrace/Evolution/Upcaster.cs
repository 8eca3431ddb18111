namespace Millrace;

/// <summary>A way from one stored shape of an event to newer ones. Immutable.</summary>
public sealed class Upcaster
{
    private readonly Func<object, object?> _upcast;

    internal Upcaster(Func<object, object?> upcast) => _upcast = upcast;

    /// <summary>The CLR type that it takes; null when it takes JSON.</summary>
    public Type? FromType { get; internal init; }

    /// <summary>The stored name that it takes as JSON; null when it takes an object.</summary>
    public string? FromName { get; internal init; }

    /// <summary>The schema version that it takes as JSON; 0 when it takes an object.</summary>
    public int FromVersion { get; internal init; }

    /// <summary>The CLR types that it makes; empty when it makes JSON of another version.</summary>
    public IReadOnlyList<Type> Into { get; internal init; } = [];

    /// <summary>The schema version whose JSON it makes; 0 when it makes objects.</summary>
    public int ToVersion { get; internal init; }

    /// <summary>Whether one stored event may become several, or none.</summary>
    public bool IsSplit { get; internal init; }

    internal bool TakesJson => FromType is null;

    internal bool MakesJson => ToVersion > 0;

    /// <summary>What becomes of an event: another one, the JSON of another, or, when it splits, an array of what it
    /// becomes.</summary>
    internal object? Apply(object old) => _upcast(old);
}
