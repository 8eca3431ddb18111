namespace Millrace.Storage.Moves;

/// <summary>
/// A storage whose whole content can be moved to another storage, and that can receive the content of another one
/// (<see cref="StoreMove"/>). Optional for storages.
/// </summary>
public interface IMovableStorage : IStorage
{
    /// <summary>Gets the operations for a move. The storage does not have to be open.</summary>
    IMoveEndpoint Moves { get; }
}
