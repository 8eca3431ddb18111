using Millrace;

namespace Bakery;

/// <summary>An aggregate whose state is completely private.</summary>
[Stream("jar")]
public sealed partial class Jar : Aggregate<string>
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(7);
    private readonly Dictionary<ShelfId, int> _taken = [];
    private MillId _miller;
    private int _loaves;
    private int _served;

    [NonSerialized]
    private int _asked;

    public void Put(int count)
    {
        _asked++;
        Raise(new LoavesPut(new ShelfId("jar"), count));
    }

    public void Take()
    {
        Require(_loaves > 0, "jar-filled", "Nothing is there.");
        Raise(new LoafTaken(new ShelfId("jar")));
    }

    /// <summary>Serves a loaf. By mistake, the count of served loaves is in no event.</summary>
    public void Serve()
    {
        lock (_lock)
            _served++;
        Take();
    }

    public override string ToString() => $"{_served} {_asked} {_random} {_miller}";

    private void When(LoavesPut put) => _loaves += put.Count;

    private void When(LoafTaken taken)
    {
        _miller = default;
        _loaves--;
        _taken[taken.Shelf] = _taken.GetValueOrDefault(taken.Shelf) + 1;
    }
}

/// <summary>An aggregate without generated code, which does not expose its state.</summary>
public sealed class SilentJar : Aggregate<string>
{
    public void Put() => Raise(new LoavesPut(new ShelfId("jar"), 1));

    protected override void Evolve(object @event)
    {
    }
}
