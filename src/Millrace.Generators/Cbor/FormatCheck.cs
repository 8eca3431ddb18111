using Millrace.Generators.Events;
using Millrace.Generators.Json;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Cbor;

/// <summary>Checks whether events can be written in their format, and at what cost.</summary>
internal static class FormatCheck
{
    private const string Alone = "an id or a value alone is not a CBOR map of members: make it a member of a record";

    public static IEnumerable<DiagnosticInfo> Problems(ModelParts parts)
    {
        foreach (var found in parts.Events)
        {
            if (found.Format is < 0 or > EventModel.FormatCbor)
                yield return At(
                    FormatDiagnostics.Unknown, found, "Format is not a value of EventFormat: use Json or Cbor");
            else if (found.Format == EventModel.FormatCbor && found is { HasCbor: false, Json.Root: not null })
                yield return At(FormatDiagnostics.Unknown, found, Alone);
            else if (found.Format == EventModel.FormatCbor)
            {
                foreach (var shape in found.Json.Shapes.Where(shape => shape.Type.Form == JsonShapeKind.Custom))
                    yield return At(FormatDiagnostics.ByConverter, found, JsonEmitter.Label(shape.Type.Name));
            }
        }
    }

    private static DiagnosticInfo At(
        Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor,
        EventModel found,
        string argument
    ) => new(descriptor, found.Location, new[] { JsonEmitter.Label(found.FullName), argument }.ToEquatable());
}
