using Microsoft.CodeAnalysis;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;
using Millrace.Generators.Values;

namespace Millrace.Generators.Events;

/// <summary>Parses types marked <c>[Event]</c>.</summary>
internal static class EventParser
{
    public static EventModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type || context.Attributes[0].Text() is not { } name)
            return null;
        var compilation = context.SemanticModel.Compilation;
        var version = context.Attributes[0].Named("Version", 1);
        var problems = new List<DiagnosticInfo>();
        if (NameProblem(name) is { } problem)
            problems.Add(DiagnosticInfo.At(Diagnostics.EventName, type, name, problem));
        if (version < 1)
            problems.Add(DiagnosticInfo.At(Diagnostics.EventVersion, type, type.Name));
        if (type.IsGenericType || type.IsAbstract || type.IsRefLikeType || !type.IsReachable(compilation))
            problems.Add(DiagnosticInfo.At(Diagnostics.EventShape, type, type.Name));
        var tags = Tags(type, problems);
        var json = problems.Count == 0 ? JsonParser.Parse(compilation, type, type) : JsonGraph.Empty;
        return new(
            type.FullName(),
            name,
            version,
            context.Attributes[0].NamedTexts("Formerly").ToEquatable(),
            context.Attributes[0].Named("ReadableBy", 0),
            context.Attributes[0].Named("Format", 0),
            tags,
            json,
            LocationInfo.Of(type.Locations[0]),
            problems.ToEquatable());
    }

    public static string? NameProblem(string name)
    {
        if (name.Length is 0 or > 256)
            return "it must be from 1 to 256 characters long";
        return name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-' or '_')
            ? null
            : "use lower case words separated by dots, dashes or underscores, such as order.placed";
    }

    private static EquatableArray<TagModel> Tags(INamedTypeSymbol type, List<DiagnosticInfo> problems)
    {
        var tags = new List<TagModel>();
        foreach (var property in type.ReadableProperties())
        {
            var attribute =
                property.Attribute(MetadataNames.Tag) ?? ParameterOf(type, property)?.Attribute(MetadataNames.Tag);
            if (attribute is null)
                continue;
            if (property.IsForbiddenToRead())
            {
                problems.AddRange(JsonMemberCheck.Forbidden(property, type, type));
                continue;
            }
            var name = attribute.Text() ?? Casing.Camel(property.Name);
            var collection = JsonCollections.FindList(property.Type);
            if ((collection?.Item ?? property.Type).Underlying().IsKey() && name.Length > 0 && !name.Contains(':'))
                tags.Add(
                    new(
                        property.Name,
                        name,
                        property.Type.AllowsNull(),
                        collection is not null,
                        collection?.Item.AllowsNull() == true));
            else
                problems.Add(DiagnosticInfo.At(Diagnostics.TagMember, property, property.Name, type.Name));
        }
        return tags.ToEquatable();
    }

    private static IParameterSymbol? ParameterOf(INamedTypeSymbol type, IPropertySymbol property) =>
        type
            .InstanceConstructors.SelectMany(constructor => constructor.Parameters)
            .FirstOrDefault(parameter =>
                parameter.Name == property.Name && parameter.Attribute(MetadataNames.Tag) is not null);
}
