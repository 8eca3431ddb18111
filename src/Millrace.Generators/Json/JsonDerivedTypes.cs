using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>
/// Parses <c>[JsonPolymorphic]</c> and <c>[JsonDerivedType]</c> of a type by the rules of System.Text.Json.
/// </summary>
internal sealed class JsonDerivedTypes
{
    private const string DefaultDiscriminator = "$type";

    private static readonly string[] Reserved = ["$id", "$ref", "$values"];

    private readonly INamedTypeSymbol _type;
    private readonly AttributeData? _settings;
    private readonly List<string> _problems = [];

    public JsonDerivedTypes(INamedTypeSymbol type, Compilation compilation)
    {
        _type = type;
        _settings = type.Attribute(MetadataNames.JsonPolymorphic);
        Variants = [.. Listed(type).Select(Parse)];
        if (!type.IsAbstract && Variants.All(variant => !Same(variant.Type, type)))
            Variants = [.. Variants, (type, null, null)];
        Check(compilation);
    }

    /// <summary>Gets the listed types with their discriminators.</summary>
    public IReadOnlyList<(ITypeSymbol Type, string? Text, int? Number)> Variants { get; }

    public string Discriminator =>
        _settings?.Named<string?>("TypeDiscriminatorPropertyName", null) ?? DefaultDiscriminator;

    public bool IgnoresUnknown => _settings?.Named("IgnoreUnrecognizedTypeDiscriminators", false) == true;

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Returns true if a type has <c>[JsonPolymorphic]</c> or <c>[JsonDerivedType]</c>.</summary>
    public static bool HasAttributes(ITypeSymbol type) =>
        type.Attribute(MetadataNames.JsonPolymorphic) is not null || Listed(type).Any();

    /// <summary>Returns true if a type lists <paramref name="derived"/> as a derived type.</summary>
    public static bool Lists(ITypeSymbol type, ITypeSymbol derived) =>
        Listed(type).Any(attribute => Same(Parse(attribute).Type, derived));

    private static IEnumerable<AttributeData> Listed(ITypeSymbol type) =>
        type.GetAttributes().Where(attribute => attribute.AttributeClass.Is(MetadataNames.JsonDerivedType));

    private static (ITypeSymbol Type, string? Text, int? Number) Parse(AttributeData attribute)
    {
        var arguments = attribute.ConstructorArguments;
        return (
            (ITypeSymbol)arguments[0].Value!, // The attribute has no constructor without a type.
            arguments.Length > 1 ? arguments[1].Value as string : null,
            arguments.Length > 1 ? arguments[1].Value as int? : null);
    }

    private void Check(Compilation compilation)
    {
        if (_type.IsSealed || _type.IsValueType)
        {
            _problems.Add("it is sealed: remove the attributes");
            return;
        }
        if (!Listed(_type).Any())
            _problems.Add(
                "[JsonPolymorphic] alone lists no types: add [JsonDerivedType(typeof(…), \"name\")] for each");
        if (_settings?.Named("UnknownDerivedTypeHandling", 0) is > 0)
            _problems.Add(
                "values of types that are not listed would lose members: remove UnknownDerivedTypeHandling, and list "
                    + "each type"
            );
        if (Reserved.Contains(Discriminator) || Discriminator.Length == 0)
            _problems.Add($"'{Discriminator}' cannot be the TypeDiscriminatorPropertyName: use another name");
        foreach (var (type, text, number) in Variants)
        {
            if (Problem(type, hasDiscriminator: text is not null || number is not null, compilation) is { } problem)
                _problems.Add(problem);
        }
        var types = Variants.GroupBy(variant => variant.Type, SymbolEqualityComparer.Default);
        if (types.FirstOrDefault(group => group.Count() > 1) is { } twice)
            _problems.Add($"'{((ITypeSymbol)twice.Key!).Display()}' is listed twice: remove one");
        var discriminators = Variants.Select(variant => (object?)variant.Text ?? variant.Number)
            .Where(discriminator => discriminator is not null);
        if (discriminators.GroupBy(value => value).FirstOrDefault(group => group.Count() > 1) is { } same)
            _problems.Add($"two types have the discriminator '{same.Key}': change one of them");
    }

    private string? Problem(ITypeSymbol type, bool hasDiscriminator, Compilation compilation)
    {
        var name = type.Display();
        if (type.TypeKind == TypeKind.Error)
            return null; // The compiler reports the error.
        if (type is not INamedTypeSymbol { IsUnboundGenericType: false } named || !Derives(named))
            return $"'{name}' does not derive from it: list derived types, with all their type arguments";
        if (type.IsAbstract)
            return $"'{name}' is abstract: list the types that derive from it";
        if (!hasDiscriminator && !Same(type, _type))
            return $"'{name}' has no discriminator, so it could not be read again: write "
                + $"[JsonDerivedType(typeof({name}), \"name\")]";
        if (!type.IsReachable(compilation))
            return $"'{name}' is private or file-local: make it internal or public";
        string[] others = [MetadataNames.JsonConverter, MetadataNames.Id, MetadataNames.Value];
        var isObject = others.All(attribute => type.Attribute(attribute) is null);
        return isObject
            ? null
            : $"'{name}' is not written as an object with members: wrap it in a record and list the record";
    }

    private bool Derives(INamedTypeSymbol type)
    {
        for (ITypeSymbol? level = type; level is not null; level = level.BaseType)
        {
            if (Same(level, _type))
                return true;
        }
        return type.AllInterfaces.Any(interfaceType => Same(interfaceType, _type));
    }

    private static bool Same(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
