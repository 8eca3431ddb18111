using Millrace.Generators.Roslyn;

namespace Millrace.Generators.ProcessManagers;

/// <summary>A class marked <c>[Process]</c>.</summary>
internal sealed record ProcessModel(
    TypeDeclaration Type,
    string Name,
    int Version,
    string Id,
    LocationInfo? Location,
    EquatableArray<DiagnosticInfo> Problems);
