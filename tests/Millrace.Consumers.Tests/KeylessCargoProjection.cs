namespace Millrace.Tests;

/// <summary>The cargo projection, which cannot determine the ship of a stream with another name until its gate is
/// open.</summary>
internal sealed class KeylessCargoProjection(Gate gate) : Projection<string, Cargo>
{
    private readonly CargoProjection _cargo = new();

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        if (!gate.IsOpen && recorded.Data is Loaded loaded && loaded.Ship != recorded.Stream.Key)
            throw new InvalidOperationException("Which ship?");
        _cargo.CollectKeys(recorded, keys);
    }

    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
        _cargo.Fold(key, document, recorded);
}
