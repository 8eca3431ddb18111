using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// Describes the model's types in every OpenAPI document. Their JSON metadata uses converters, which ASP.NET Core
/// cannot describe. ASP.NET Core therefore writes a schema that allows every value. This class replaces these schemas
/// when the document is complete.
/// </summary>
/// <remarks>
/// This class runs after the application's own configuration. The names that the application sets in this configuration
/// remain in use for all types outside the model.
/// </remarks>
internal sealed class ModelDocument(ModelSchemas schemas, SchemaNames names) : IPostConfigureOptions<OpenApiOptions>
{
    public void PostConfigure(string? name, OpenApiOptions options)
    {
        var others = options.CreateSchemaReferenceId;
        names.Keep(others);
        options.CreateSchemaReferenceId = info =>
        {
            var given = schemas.Describes(info.Type) ? null : others(info);
            // The application's function returned another name than the default function.
            var isCustom = given is not null && given != OpenApiOptions.CreateDefaultSchemaReferenceId(info);
            return isCustom || (given is null && !schemas.Describes(info.Type)) ? given : names.Of(info.Type) ?? given;
        };
        options.AddDocumentTransformer((document, _, _) =>
        {
            Fill(document);
            return Task.CompletedTask;
        });
    }

    private void Fill(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        var components = document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(SchemaReferences.Of(document));
        foreach (var id in components.Keys.Where(id => !schemas.IsOptional(id)))
            open.Enqueue(id);
        while (open.TryDequeue(out var id))
        {
            if (!reached.Add(id))
                continue;
            if (schemas.Build(id, document) is { } built)
                components[id] = built;
            else if (components.TryGetValue(id, out var described))
                AddTypeOfNames(described);
            foreach (var next in SchemaReferences.Of(components.TryGetValue(id, out var schema) ? schema : null))
                open.Enqueue(next);
        }
        foreach (var id in components.Keys.Where(id => schemas.IsOptional(id) && !reached.Contains(id)).ToArray())
            components.Remove(id);
    }

    /// <summary>Adds the type of an enumeration that is written by name, which ASP.NET Core omits.</summary>
    private static void AddTypeOfNames(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema { Type: null, Enum: { Count: > 0 } values } enumeration
            && values.All(static value => value?.GetValueKind() == JsonValueKind.String))
        {
            enumeration.Type = JsonSchemaType.String;
        }
    }
}
