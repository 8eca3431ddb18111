using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Millrace.Serialization;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// The schemas of the model's types. Types with a name in the application (objects, ids, values, enumerations) are
/// components. All other types are described inline.
/// </summary>
internal sealed class ModelSchemas(ModelCatalog model, SchemaNames names)
{
    private readonly VariantSchemas _variants = new();

    /// <summary>Returns true if the model describes a type as a component.</summary>
    public bool Describes(Type type) =>
        Describe(Nullable.GetUnderlyingType(type) ?? type) is { Form: not TypeForm.Any };

    /// <summary>Returns the type of a component, or null if the type is not in the model.</summary>
    public Type? TypeOf(string id) => names.TypeOf(id) is { } type && Describes(type) ? type : null;

    /// <summary>
    /// Returns true if the document needs a component only when another schema refers to it. Operations usually
    /// describe such types inline.
    /// </summary>
    public bool IsOptional(string id) => TypeOf(id) is { } type
        && (model.FindCommand(type) is not null || Describe(type) is { Form: TypeForm.List or TypeForm.Map });

    /// <summary>
    /// Returns the schema of a type, or a reference to its component. Returns null if the type is neither a primitive
    /// type nor a type of the model.
    /// </summary>
    public IOpenApiSchema? Find(Type type, OpenApiDocument document)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        if (PrimitiveSchemas.Of(inner) is { } primitive)
            return primitive;
        return Describe(inner) switch
        {
            null => null,
            { Form: TypeForm.List or TypeForm.Map or TypeForm.Any } description => Build(description, document),
            _ => new OpenApiSchemaReference(names.Of(inner)!, document), // The type has a component.
        };
    }

    /// <summary>Returns the schema of a component, or null if its type is not in the model.</summary>
    public OpenApiSchema? Build(string id, OpenApiDocument document) => TypeOf(id) is { } type
        ? Build(type, document)
        : _variants.Build(id, variant => Object(variant.Members, document));

    /// <summary>Returns the schema of a type's component.</summary>
    public OpenApiSchema Build(Type type, OpenApiDocument document) =>
        Describe(type) is { } description ? Build(description, document, type) : new OpenApiSchema();

    private OpenApiSchema Build(TypeDescription description, OpenApiDocument document, Type? type = null)
    {
        var schema = description.Form switch
        {
            // A value has an inner type.
            TypeForm.Value => PrimitiveSchemas.Of(description.Inner!) ?? new OpenApiSchema(),
            TypeForm.Enumeration => new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. description.Names.Select(Text)],
            },
            TypeForm.List => new OpenApiSchema { Type = JsonSchemaType.Array, Items = InnerOf(description, document) },
            TypeForm.Map => new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                AdditionalProperties = InnerOf(description, document),
            },
            TypeForm.Object => Object(description.Members, document),
            // The type has a component.
            TypeForm.Polymorphic => _variants.OneOf(description, names.Of(type!)!, names.Reserve, document),
            _ => new OpenApiSchema(),
        };
        if (description.Summary is { } summary)
            schema.Description = summary;
        return schema;
    }

    /// <summary>Returns the schema of an object with the given members.</summary>
    public OpenApiSchema Object(IEnumerable<MemberDescription> members, OpenApiDocument document)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new HashSet<string>(StringComparer.Ordinal),
        };
        foreach (var member in members)
        {
            schema.Properties.Add(member.Name, MemberOf(member, document));
            if (member.IsRequired)
                schema.Required.Add(member.Name);
        }
        return schema;
    }

    private IOpenApiSchema MemberOf(MemberDescription member, OpenApiDocument document)
    {
        var schema = Find(member.Type, document) ?? new OpenApiSchema();
        if (member.AllowsNull)
            schema = AllowNull(schema);
        if (schema is OpenApiSchema own)
            (own.Description, own.ReadOnly) = (member.Summary ?? own.Description, member.IsReadOnly);
        else if (schema is OpenApiSchemaReference reference && member.Summary is not null)
            reference.Description = member.Summary;
        return schema;
    }

    private IOpenApiSchema InnerOf(TypeDescription description, OpenApiDocument document)
    {
        var schema = Find(description.Inner!, document) ?? new OpenApiSchema(); // Lists and maps have an inner type.
        return description.AllowsNullInside ? AllowNull(schema) : schema;
    }

    private static OpenApiSchema AllowNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema own)
            return new OpenApiSchema { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, schema] };
        if (own.Type is { } type)
            own.Type = type | JsonSchemaType.Null;
        return own;
    }

    private static JsonNode Text(string name) => JsonValue.Create(name);

    private TypeDescription? Describe(Type type)
    {
        if (ProblemDescription.Of(type) is { } description)
            return description;
        return model.Json.TryGetTypeInfo(type, out var info) && info.Converter is IDescribedConverter converter
            ? converter.Describe()
            : null;
    }
}
