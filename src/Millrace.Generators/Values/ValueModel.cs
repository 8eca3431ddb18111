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
    /// Gets whether the type's part is generated. The part of a type with an error is generated if this avoids errors
    /// in code that uses the type.
    /// </summary>
    public bool IsEmitted { get; init; }

    /// <summary>Gets the text of the documentation comment.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// Gets whether the type needs a flag that marks a default instance. The default of the wrapped content may be a
    /// valid value.
    /// </summary>
    public bool NeedsFlag => !IsId && !Primitive.IsReference;
}
