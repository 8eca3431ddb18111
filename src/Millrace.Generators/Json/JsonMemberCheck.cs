using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>
/// Finds declarations that generated code does not support, because a value would be lost or the code would not
/// compile.
/// </summary>
internal sealed class JsonMemberCheck(
    Compilation compilation, INamedTypeSymbol type, IMethodSymbol constructor, ISymbol origin)
{
    private static readonly string[] Callbacks =
        ["IJsonOnSerializing", "IJsonOnSerialized", "IJsonOnDeserializing", "IJsonOnDeserialized"];

    private readonly List<IPropertySymbol> _properties = [.. type.ReadableProperties()];

    /// <summary>Returns the problems of a type's declaration.</summary>
    public IEnumerable<DiagnosticInfo> Declared() =>
        JsonConstructors
            .Problems(constructor, compilation, origin)
            .Concat(Unsupported())
            .Concat(Included())
            .Concat(Hidden());

    /// <summary>
    /// Reports a tag or an index on a member that generated code cannot use. Problems of stored members are reported
    /// with their type.
    /// </summary>
    public static IEnumerable<DiagnosticInfo> Forbidden(IPropertySymbol property, ITypeSymbol type, ISymbol origin)
    {
        const string Fix =
            "[Obsolete] makes its use an error: make it a warning, or remove the tag or index";
        if (JsonMemberParser.IgnoreModeOf(property) == JsonIgnoreMode.Always)
            yield return DiagnosticInfo.At(
                JsonDiagnostics.Member, property.InSourceOr(origin), property.Name, type.Name, Fix);
    }

    /// <summary>Reports the required members that the initializer does not set.</summary>
    public IEnumerable<DiagnosticInfo> Required(IEnumerable<JsonMember> members)
    {
        if (constructor.SetsRequired())
            yield break;
        var set = new HashSet<string>(
            members
                .Where(member => member.IsSetAgain || member.Target == MemberTarget.Initializer)
                .Select(member => member.Name),
            StringComparer.Ordinal);
        var required = Members()
            .Where(member => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });
        foreach (var member in required)
        {
            if (set.Add(member.Name))
            {
                yield return At(
                    JsonDiagnostics.Needed,
                    member,
                    "the compiler requires a value: remove 'required' and add an initializer, or make it a stored "
                        + "public property"
                );
            }
        }
    }

    /// <summary>
    /// Reports attributes and interfaces of System.Text.Json that change the JSON and are not supported.
    /// </summary>
    private IEnumerable<DiagnosticInfo> Unsupported()
    {
        foreach (var symbol in _properties.Prepend<ISymbol>(type))
        {
            foreach (var attribute in symbol.GetAttributes())
            {
                if (FixFor(attribute) is { } fix)
                {
                    var name = $"[{attribute.AttributeClass!.Name.Replace("Attribute", "")}]";
                    yield return DiagnosticInfo.At(
                        JsonDiagnostics.Attribute, symbol.InSourceOr(origin), symbol.Name, name, fix);
                }
            }
        }
        foreach (var callback in type.AllInterfaces.Where(one => Callbacks.Contains(one.Name) && one.IsOfPlatform()))
        {
            const string Fix = "do it in the constructor, or write a [JsonConverter]";
            yield return DiagnosticInfo.At(
                JsonDiagnostics.Attribute, type.InSourceOr(origin), type.Name, callback.Name, Fix);
        }
    }

    private static string? FixFor(AttributeData attribute)
    {
        // The attributes of the application have any arguments, also arrays.
        var isDefault = attribute.ConstructorArguments is not [{ Kind: TypedConstantKind.Enum, Value: int value }]
            || value == 0;
        if (attribute.AttributeClass.Is(MetadataNames.JsonNumberHandling) && !isDefault)
            return "numbers are written as numbers; use a text, or write a [JsonConverter]";
        if (attribute.AttributeClass.Is(MetadataNames.JsonObjectCreation) && !isDefault)
            return "members are replaced; add a setter or a constructor parameter for the member";
        if (attribute.AttributeClass.Is(MetadataNames.JsonUnmapped) && !isDefault)
            return "unknown members are ignored, so that newer programs can add some; remove it";
        return attribute.AttributeClass?.Base(MetadataNames.JsonConverter) is not null
            ? "only [JsonConverter(typeof(…))] itself is supported; use it for the converter"
            : null;
    }

    /// <summary>Reports members with a JSON attribute that generated code cannot access.</summary>
    private IEnumerable<DiagnosticInfo> Included()
    {
        foreach (var member in Members())
        {
            var isNotStored = member is IFieldSymbol
                || (member is IPropertySymbol property && !_properties.Any(stored => Overrides(stored, property)));
            if (isNotStored && member.Attribute(MetadataNames.JsonInclude) is not null)
                yield return At(
                    JsonDiagnostics.Member,
                    member,
                    "only public properties are stored: make it one, or remove the [JsonInclude]");
        }
        foreach (
            var property in _properties.Where(
                property => JsonMemberParser.IgnoreModeOf(property) != JsonIgnoreMode.Always))
        {
            if (property.IsForbidden() || property.GetMethod!.IsForbidden() || property.Setter()?.IsForbidden() == true)
            {
                const string Fix = "[Obsolete] makes its use an error: make it a warning, or mark it [JsonIgnore]";
                yield return At(JsonDiagnostics.Member, property, Fix);
            }
        }
    }

    /// <summary>Reports properties that a member of a derived type hides, if that member is not stored.</summary>
    private IEnumerable<DiagnosticInfo> Hidden()
    {
        foreach (var property in _properties)
        {
            for (var level = type; !Same(level, property.ContainingType); level = level.BaseType!)
            {
                var hiding = level
                    .GetMembers(property.Name)
                    .FirstOrDefault(member =>
                        !(member is IPropertySymbol other && Overrides(other, property))
                        && member.IsReachable(compilation));
                if (hiding is null)
                    continue;
                var hidden = property.ContainingType.Name;
                yield return At(JsonDiagnostics.Member, hiding, $"it hides the one of {hidden}: rename it");
            }
        }
    }

    /// <summary>Returns the instance members of the type and its base types.</summary>
    private IEnumerable<ISymbol> Members()
    {
        for (
            var level = type;
            level is not null && level.SpecialType != SpecialType.System_Object;
            level = level.BaseType)
        {
            foreach (var member in level.GetMembers().Where(member => !member.IsStatic))
                yield return member;
        }
    }

    private static bool Overrides(IPropertySymbol property, IPropertySymbol other) =>
        Same(property, other) || (property.OverriddenProperty is { } overridden && Overrides(overridden, other));

    private static bool Same(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);

    private DiagnosticInfo At(DiagnosticDescriptor descriptor, ISymbol symbol, string problem) =>
        DiagnosticInfo.At(descriptor, symbol.InSourceOr(origin), symbol.Name, type.Name, problem);
}
