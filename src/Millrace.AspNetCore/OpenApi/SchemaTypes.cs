using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// Finds the types that the endpoints of an application accept and return, and all types that these contain.
/// </summary>
internal sealed class SchemaTypes
{
    private readonly ModelCatalog _model;
    private readonly Func<Type, JsonTypeInfo?> _json;
    private readonly HashSet<Type> _found = [];

    private SchemaTypes(ModelCatalog model, Func<Type, JsonTypeInfo?> json)
    {
        _model = model;
        _json = json;
    }

    public static IReadOnlyCollection<Type> Of(
        IServiceProvider services, ModelCatalog model, Func<Type, JsonTypeInfo?> json)
    {
        var types = new SchemaTypes(model, json);
        var endpoints = services.GetService<IApiDescriptionGroupCollectionProvider>()?.ApiDescriptionGroups.Items ?? [];
        var open = new Queue<Type>(endpoints.SelectMany(group => group.Items).SelectMany(Roots));
        while (open.TryDequeue(out var type))
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (!types._found.Add(type))
                continue;
            foreach (var inner in types.Inside(type))
                open.Enqueue(inner);
        }
        return types._found;
    }

    private static IEnumerable<Type> Roots(ApiDescription endpoint) =>
        [
            .. endpoint.ParameterDescriptions.Select(parameter => parameter.Type).OfType<Type>(),
            .. endpoint
                .SupportedResponseTypes.Select(response => response.Type)
                .OfType<Type>()
                .Where(type => type != typeof(void)),
            .. endpoint
                .ActionDescriptor.EndpointMetadata.OfType<MessageOperation>()
                .SelectMany(operation => operation.ParameterTypes),
        ];

    private IEnumerable<Type> Inside(Type type)
    {
        if (_model.Describe(type) is { } description)
        {
            var variants = description.Variants.SelectMany(variant => variant.Description.Members);
            return
            [
                .. description.Members.Concat(variants).Select(member => member.Type),
                .. description.Inner is { } inner ? (Type[])[inner] : [],
            ];
        }
        if (_json(type) is not { } info)
            return [];
        return
        [
            .. info.Properties.Select(property => property.PropertyType),
            .. info.ElementType is { } element ? (Type[])[element] : [],
            .. info.PolymorphismOptions?.DerivedTypes.Select(derived => derived.DerivedType) ?? [],
        ];
    }
}
