namespace Millrace.Storage.Moves;

/// <summary>
/// A storage whose content can be moved to another storage, and that can receive the content of another storage.
/// </summary>
internal interface IMovableStorage : IStorage
{
    /// <summary>Gets the operations for a move. The storage does not have to be open.</summary>
    IMoveEndpoint Moves { get; }
}
