namespace Millrace.Generators;

/// <summary>A struct marked <c>[Id&lt;T&gt;]</c> or <c>[Value&lt;T&gt;]</c>.</summary>
internal sealed record ValueModel(
    TypeDeclaration Type,
    bool IsId,
    Primitive Primitive,
    bool HasProblem,
    EquatableArray<DiagnosticInfo> Problems)
{
    /// <summary>Whether its part is generated: also where it is refused, if that spares errors in what uses
    /// it.</summary>
    public bool IsEmitted { get; init; }

    /// <summary>What its documentation says.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether a flag must tell a default instance apart, because the default of what it holds may be a good
    /// value.</summary>
    public bool NeedsFlag => !IsId && !Primitive.IsReference;
}
