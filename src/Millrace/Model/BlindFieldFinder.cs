using System.Text.Json;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Model;

/// <summary>Finds the indexed fields of marked members, whose columns contain keyed hashes.</summary>
internal static class BlindFieldFinder
{
    public static BlindFields Find(ModelBuilder model)
    {
        var found = new Dictionary<string, IReadOnlyList<BlindField>>(StringComparer.Ordinal);
        foreach (var projection in model.Projections)
        {
            var marks = model.ProtectedReadModels
                .Where(mark => mark.ReadModel == projection.Name)
                .Select(mark => mark.Member)
                .ToList();
            var fields = marks.Count == 0 ? [] : FieldsOf(projection, marks).ToArray();
            if (fields.Length > 0)
                found[projection.Collection] = fields;
        }
        return new BlindFields(found);
    }

    private static IEnumerable<BlindField> FieldsOf(ProjectionDefinition projection, List<ProtectedMember> marks)
    {
        var fields = projection.FieldDefinitions;
        for (var i = 0; i < fields.Count; i++)
        {
            if (marks.Find(mark => mark.IsOf(fields[i].Name)) is { } mark)
                yield return new BlindField(
                    i, fields[i].Name, mark.Path, fields[i].Kind, ErasedValueOf(projection, i, mark.ErasedJson));
        }
    }

    /// <summary>Returns the value of a field after the erasure of its member.</summary>
    private static FieldValue ErasedValueOf(ProjectionDefinition projection, int field, string erasedJson)
    {
        try
        {
            using var json = JsonDocument.Parse(erasedJson);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Null or JsonValueKind.Array or JsonValueKind.Object => FieldValue.Null,
                JsonValueKind.String => projection.ParseField(field, json.RootElement.GetString()!) ?? FieldValue.Null,
                _ => projection.ParseField(field, json.RootElement.GetRawText()) ?? FieldValue.Null,
            };
        }
        catch (JsonException)
        {
            return FieldValue.Null; // Reported as a problem of the mark.
        }
    }
}
