namespace Millrace.Storage.Moves;

/// <summary>A storage all of whose content can be carried to another one, and that can take what another one
/// held.</summary>
internal interface IMovableStorage : IStorage
{
    /// <summary>What it does in a move. It need not be open.</summary>
    IMoveEndpoint Moves { get; }
}
