using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>Finds the components that schemas refer to.</summary>
internal static class SchemaReferences
{
    /// <summary>
    /// Returns the components to which the operations of a document refer directly. The result can contain duplicates.
    /// </summary>
    public static IEnumerable<string> Of(OpenApiDocument document) => document.Paths
        .SelectMany(path => path.Value.Operations?.Values.AsEnumerable() ?? [])
        .SelectMany(SchemasIn)
        .SelectMany(Of);

    /// <summary>Returns the components to which a schema refers directly.</summary>
    public static IEnumerable<string> Of(IOpenApiSchema? schema)
    {
        if (schema is null)
            return [];
        if (schema is OpenApiSchemaReference reference)
            return reference.Reference.Id is { } id ? [id] : [];
        return Inside(schema).SelectMany(Of);
    }

    private static IEnumerable<IOpenApiSchema?> Inside(IOpenApiSchema schema) =>
    [
        schema.Items,
        schema.AdditionalProperties,
        schema.Not,
        .. schema.Properties?.Values ?? [],
        .. schema.OneOf ?? [],
        .. schema.AnyOf ?? [],
        .. schema.AllOf ?? [],
    ];

    private static IEnumerable<IOpenApiSchema?> SchemasIn(OpenApiOperation operation) =>
    [
        .. operation.Parameters?.Select(parameter => parameter.Schema) ?? [],
        .. SchemasIn(operation.RequestBody?.Content),
        .. operation.Responses?.Values.SelectMany(response => SchemasIn(response.Content)) ?? [],
    ];

    private static IEnumerable<IOpenApiSchema?> SchemasIn(IDictionary<string, OpenApiMediaType>? content) =>
        content?.Values.Select(media => media.Schema) ?? [];
}
