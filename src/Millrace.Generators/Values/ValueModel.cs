using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Values;

/// <summary>A struct marked <c>[Id&lt;T&gt;]</c> or <c>[Value&lt;T&gt;]</c>.</summary>
internal sealed record ValueModel(
    TypeDeclaration Type,
    bool IsId,
    Primitive Primitive,
    bool HasProblem,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>
    /// Gets whether its part is generated. With an error, it is also generated if this avoids errors in its uses.
    /// </summary>
    public bool IsEmitted { get; init; }

    /// <summary>Gets the text of its documentation.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// Gets whether a flag marks a default instance, because the default of its content may be valid.
    /// </summary>
    public bool NeedsFlag => !IsId && !Primitive.IsReference;
}
