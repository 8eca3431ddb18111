using System.Text.Json;
using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// The schemas of the built-in types of JSON. The schemas are as strict as the reader, so that a string cannot contain
/// a number.
/// </summary>
internal static class PrimitiveSchemas
{
    private const string DurationPattern = @"^-?(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?$";

    private static readonly Dictionary<Type, (JsonSchemaType? Type, string? Format)> Known = new()
    {
        [typeof(string)] = (JsonSchemaType.String, null),
        [typeof(char)] = (JsonSchemaType.String, "char"),
        [typeof(bool)] = (JsonSchemaType.Boolean, null),
        [typeof(sbyte)] = (JsonSchemaType.Integer, "int8"),
        [typeof(byte)] = (JsonSchemaType.Integer, "uint8"),
        [typeof(short)] = (JsonSchemaType.Integer, "int16"),
        [typeof(ushort)] = (JsonSchemaType.Integer, "uint16"),
        [typeof(int)] = (JsonSchemaType.Integer, "int32"),
        [typeof(uint)] = (JsonSchemaType.Integer, "uint32"),
        [typeof(long)] = (JsonSchemaType.Integer, "int64"),
        [typeof(ulong)] = (JsonSchemaType.Integer, "uint64"),
        [typeof(float)] = (JsonSchemaType.Number, "float"),
        [typeof(double)] = (JsonSchemaType.Number, "double"),
        [typeof(decimal)] = (JsonSchemaType.Number, "decimal"),
        [typeof(Guid)] = (JsonSchemaType.String, "uuid"),
        [typeof(DateOnly)] = (JsonSchemaType.String, "date"),
        [typeof(TimeOnly)] = (JsonSchemaType.String, "time"),
        [typeof(DateTime)] = (JsonSchemaType.String, "date-time"),
        [typeof(DateTimeOffset)] = (JsonSchemaType.String, "date-time"),
        [typeof(TimeSpan)] = (JsonSchemaType.String, null),
        [typeof(Uri)] = (JsonSchemaType.String, "uri-reference"),
        [typeof(byte[])] = (JsonSchemaType.String, "byte"),
        [typeof(JsonElement)] = (null, null),
    };

    /// <summary>Returns the schema of a type, or null if it is not a built-in type.</summary>
    public static OpenApiSchema? Of(Type type)
    {
        if (!Known.TryGetValue(type, out var known))
            return null;
        var schema = new OpenApiSchema { Type = known.Type, Format = known.Format };
        if (type != typeof(TimeSpan))
            return schema;
        schema.Pattern = DurationPattern;
        schema.Description = "A duration: days, hours, minutes and seconds, such as 1.02:03:04.";
        return schema;
    }
}
