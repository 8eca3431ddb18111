using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Marks;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Parses the members of an object: their names, whether they are optional, and when they are set.</summary>
internal sealed class JsonMemberParser(
    Compilation compilation,
    INamedTypeSymbol type,
    IMethodSymbol constructor,
    bool isVariant,
    Func<ITypeSymbol, ISymbol, JsonType?> read,
    Func<ITypeSymbol, AttributeData, ISymbol, JsonType?> custom)
{
    /// <summary>Gets whether each member has a type that JSON supports.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>
    /// Gets the member that stores unknown JSON members. <see cref="Parse"/> sets it after all members are parsed.
    /// </summary>
    public JsonMember? Extra { get; private set; }

    /// <summary>Gets a member that has <c>[JsonExtensionData]</c> but cannot store unknown JSON members.</summary>
    public IPropertySymbol? InvalidExtra { get; private set; }

    /// <summary>
    /// Gets the members whose values would be lost because of their attributes, each with a solution.
    /// </summary>
    public List<(IPropertySymbol Member, string Fix)> LostMembers { get; } = [];

    public IReadOnlyList<JsonMember> Parse()
    {
        var properties = type.ReadableProperties().ToList();
        var parameters = constructor.Parameters
            .Select(parameter => (Parameter: parameter, Property: JsonConstructors.Property(parameter, properties)))
            .Where(pair => pair.Property is not null)
            .GroupBy(pair => pair.Property!.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().Parameter, StringComparer.Ordinal);
        var documentation = Documentation.Of(type);
        var members = new List<JsonMember>();
        // The members of a variant are in the order of System.Text.Json, which starts with the most derived type.
        var inOrder = isVariant
            ? properties.OrderByDescending(property => property.ContainingType.Depth())
            : properties.AsEnumerable();
        foreach (var property in inOrder.OrderBy(Order))
        {
            var condition = IgnoreModeOf(property);
            if (condition == JsonIgnoreMode.Always)
                continue;
            if (condition is JsonIgnoreMode.WhenWriting or JsonIgnoreMode.WhenReading)
            {
                LostMembers.Add(
                    (property, "[JsonIgnore] in one direction would lose it: use it for both, or for neither"));
                IsComplete = false;
                continue;
            }
            parameters.TryGetValue(property.Name, out var parameter);
            if (property.Attribute(MetadataNames.JsonExtensionData) is not null)
            {
                SetExtra(property, parameter);
                continue;
            }
            if (Target(property, parameter) is not { } target)
                continue;
            if (TypeOf(property) is { } memberType)
            {
                var member = Member(property, parameter, memberType, target, condition);
                members.Add(
                    member with { Summary = SummaryOf(property, documentation), Mark = MarkParser.Parse(property) });
            }
            else
                IsComplete = false;
        }
        return members;
    }

    private void SetExtra(IPropertySymbol property, IParameterSymbol? parameter)
    {
        var isMap = property.Type is INamedTypeSymbol
        {
            Name: "IReadOnlyDictionary" or "IDictionary" or "Dictionary",
            TypeArguments: [{ SpecialType: SpecialType.System_String }, var value],
        } && value.Is(MetadataNames.JsonElement);
        var target = Target(property, parameter);
        if (!isMap || target is null or MemberTarget.None || Extra is not null)
        {
            InvalidExtra = property;
            return;
        }
        var extraType = new JsonType(property.Type.FullName(), JsonShapeKind.Map, true, property.Type.AllowsNull());
        var extraTarget = target == MemberTarget.Constructor ? MemberTarget.Constructor : MemberTarget.Initializer;
        var owner = property.ContainingType.FullName();
        Extra = new(property.Name, "", extraType, extraTarget, false, parameter?.Name, "null", owner)
        {
            IsSetAgain = extraTarget == MemberTarget.Constructor && property.IsRequired && !constructor.SetsRequired(),
        };
    }

    /// <summary>
    /// Returns the documentation of a member. The documentation of a record parameter takes precedence.
    /// </summary>
    private static string? SummaryOf(IPropertySymbol property, Documentation type) =>
        type.Parameter(property.Name) ?? Documentation.Of(property).Summary;

    private JsonType? TypeOf(IPropertySymbol property) =>
        property.Attribute(MetadataNames.JsonConverter) is { } converter
            ? custom(property.Type, converter, property)
            : read(property.Type, property);

    private JsonMember Member(
        IPropertySymbol property,
        IParameterSymbol? parameter,
        JsonType memberType,
        MemberTarget target,
        JsonIgnoreMode condition)
    {
        // The default is omitted only if a member that the JSON does not contain gets this default. Otherwise, reading
        // would change the value.
        var leavesOutDefault =
            condition == JsonIgnoreMode.WhenWritingDefault
            && !memberType.IsReference
            && !memberType.AllowsNull
            && parameter is not { HasExplicitDefaultValue: true }
            && target is MemberTarget.Constructor or MemberTarget.Initializer;
        var isOptional =
            memberType.AllowsNull
            || leavesOutDefault
            || parameter is { HasExplicitDefaultValue: true }
            || target is MemberTarget.Setter or MemberTarget.InitAccessor or MemberTarget.None
            || (target == MemberTarget.Initializer && !property.IsRequired && !memberType.IsReference);
        var isSetLater = target is MemberTarget.Setter or MemberTarget.InitAccessor;
        var differsWhenAbsent = parameter is { HasExplicitDefaultValue: true, ExplicitDefaultValue: not null }
            || (isSetLater && !IsInitializedToNull(property));
        return new(
            property.Name,
            property.Attribute(MetadataNames.JsonPropertyName).Text() ?? Casing.Camel(property.Name),
            memberType,
            target,
            IsRequired: !isOptional,
            parameter?.Name,
            DefaultOf(parameter),
            property.ContainingType.FullName())
        {
            LeavesOutDefault = leavesOutDefault,
            WritesNull = memberType.AllowsNull && differsWhenAbsent,
            Generic = target == MemberTarget.InitAccessor ? GenericSetter.Of(property) : null,
            IsSetAgain = target == MemberTarget.Constructor && property.IsRequired && !constructor.SetsRequired(),
        };
    }

    public static JsonIgnoreMode IgnoreModeOf(IPropertySymbol property) =>
        property.Attribute(MetadataNames.JsonIgnore) is { } attribute
            ? (JsonIgnoreMode)attribute.Named("Condition", (int)JsonIgnoreMode.Always)
            : JsonIgnoreMode.Never;

    /// <summary>Returns the position from <c>[JsonPropertyOrder]</c>; 0 without the attribute.</summary>
    private static int Order(IPropertySymbol property) =>
        property.Attribute(MetadataNames.JsonPropertyOrder) is { ConstructorArguments: [{ Value: int order }] }
            ? order
            : 0;

    /// <summary>Returns the target of the value, or null if the member is neither read nor written.</summary>
    private MemberTarget? Target(IPropertySymbol property, IParameterSymbol? parameter)
    {
        if (parameter is not null)
            return MemberTarget.Constructor;
        var isIncluded = property.Attribute(MetadataNames.JsonInclude) is not null;
        if (property.Setter() is not { } setter)
            return isIncluded ? MemberTarget.None : null;
        if (!setter.IsReachable(compilation))
            return isIncluded ? MemberTarget.InitAccessor : null;
        if (property.IsRequired || !MayHaveInitialValue(property))
            return MemberTarget.Initializer;
        return setter.IsInitOnly ? MemberTarget.InitAccessor : MemberTarget.Setter;
    }

    /// <summary>
    /// Returns true if the initial value of a property may differ from the default of its type. The result is also true
    /// for compiled code, because its initial values are unknown.
    /// </summary>
    private static bool MayHaveInitialValue(IPropertySymbol property) =>
        property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax()
            is not PropertyDeclarationSyntax { Initializer: null };

    /// <summary>Returns true if the initializer of a property is null.</summary>
    private static bool IsInitializedToNull(IPropertySymbol property)
    {
        var value = (property.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() as PropertyDeclarationSyntax)
            ?.Initializer
            ?.Value;
        while (value
                is PostfixUnaryExpressionSyntax
            {
                RawKind: (int)SyntaxKind.SuppressNullableWarningExpression
            } suppressed)
            value = suppressed.Operand;
        return value?.RawKind is (int)SyntaxKind.NullLiteralExpression or (int)SyntaxKind.DefaultLiteralExpression;
    }

    private static string DefaultOf(IParameterSymbol? parameter)
    {
        if (parameter is not { HasExplicitDefaultValue: true, ExplicitDefaultValue: { } value } || value is DateTime)
            return "default!";
        if (value is string text)
            return text.Literal();
        if (NotFinite(value) is { } named)
            return named;
        var literal = SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false);
        return $"({parameter.Type.Underlying().FullName()}){Suffixed(value, literal)}";
    }

    /// <summary>
    /// Returns the constant for NaN or an infinite number, which has no literal, or null for other values.
    /// </summary>
    private static string? NotFinite(object value)
    {
        var (type, number) = value is float single ? ("float", single) : ("double", value as double? ?? 0);
        return double.IsNaN(number) ? type + ".NaN"
            : double.IsPositiveInfinity(number) ? type + ".PositiveInfinity"
            : double.IsNegativeInfinity(number) ? type + ".NegativeInfinity"
            : null;
    }

    private static string Suffixed(object value, string literal) => value switch
    {
        decimal => literal + "m",
        double => literal + "d", // Without the suffix, negative zero would be an integer.
        float => literal + "f",
        char or bool => literal,
        _ when literal.StartsWith("-", StringComparison.Ordinal) => $"({literal})",
        _ => literal,
    };
}
