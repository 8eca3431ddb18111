using Millrace.Generators.Aggregates;
using Millrace.Generators.Handlers;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Deciders;

/// <summary>A static class marked <c>[Decider]</c>.</summary>
/// <param name="Type">The class.</param>
/// <param name="Category">The category of its streams.</param>
/// <param name="State">The full name of the state type.</param>
/// <param name="Initial">The code of the initial state.</param>
/// <param name="Events">The full names of the event types with an <c>Evolve</c>.</param>
/// <param name="Handlers">The <c>Decide</c> methods.</param>
/// <param name="Problems">The diagnostics.</param>
internal sealed record DeciderModel(
    TypeDeclaration Type,
    string Category,
    string State,
    string Initial,
    EquatableArray<string> Events,
    EquatableArray<HandlerModel> Handlers,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>Gets the parts of the state, or null if <c>WriteState</c> is written by hand.</summary>
    public StateNode? Parts { get; init; }

    /// <summary>Gets the location.</summary>
    public LocationInfo? Location { get; init; }

    /// <summary>Gets whether the model can refer to the class.</summary>
    public bool IsReachable { get; init; }
}
