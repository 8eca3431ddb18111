namespace Millrace;

/// <summary>Whether an answer reflects what a token stands for, or how far it is behind. The default value is fresh.</summary>
/// <param name="LagEvents">How many positions of the log it is behind; 0 when it is fresh.</param>
public readonly record struct Freshness(long LagEvents)
{
    /// <summary>It reflects everything that was asked for.</summary>
    public static Freshness Fresh => default;

    /// <summary>Whether it does.</summary>
    public bool IsFresh => LagEvents == 0;

    /// <summary>The staler of two.</summary>
    public Freshness And(Freshness other) => LagEvents >= other.LagEvents ? this : other;

    /// <summary>As in the header <c>Millrace-Fresh</c>: <c>fresh</c>, or <c>stale; by=12</c>.</summary>
    public override string ToString() => IsFresh ? "fresh" : $"stale; by={LagEvents}";
}
