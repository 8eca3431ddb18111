namespace Millrace.Tests;

/// <summary>
/// The cargo projection, which cannot determine the key of an event whose ship is not the key of the stream, until the
/// test applies the fix.
/// </summary>
internal sealed class UnknownKeyCargoProjection(ErrorFix fix) : Projection<string, Cargo>
{
    private readonly CargoProjection _cargo = new();

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
    {
        if (!fix.IsApplied && recorded.Data is Loaded loaded && loaded.Ship != recorded.Stream.Key)
            throw new InvalidOperationException("Which ship?");
        _cargo.CollectKeys(recorded, keys);
    }

    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
        _cargo.Fold(key, document, recorded);
}
