namespace Millrace.Generators;

/// <summary>A static class marked <c>[Decider]</c>.</summary>
/// <param name="Type">The class.</param>
/// <param name="Category">The category of its streams.</param>
/// <param name="State">The full name of its state's type.</param>
/// <param name="Initial">The state before any event, as code.</param>
/// <param name="Events">The full names of the types it has an <c>Evolve</c> for.</param>
/// <param name="Handlers">Its <c>Decide</c> methods.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record DeciderModel(
    TypeDeclaration Type,
    string Category,
    string State,
    string Initial,
    EquatableArray<string> Events,
    EquatableArray<HandlerModel> Handlers,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>What its state consists of; null when its <c>WriteState</c> is written by hand.</summary>
    public StateNode? Parts { get; init; }

    /// <summary>Where it stands.</summary>
    public LocationInfo? Place { get; init; }

    /// <summary>Whether the model can name it.</summary>
    public bool IsReachable { get; init; }
}
