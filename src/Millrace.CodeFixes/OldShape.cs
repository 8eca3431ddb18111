using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Contracts;
using Millrace.Generators.Roslyn;

namespace Millrace.CodeFixes;

/// <summary>
/// The stored shape of a record. Unchanged members keep their current declaration. All other members are created from
/// the contract.
/// </summary>
internal sealed class OldShape
{
    private const string Serialization = "System.Text.Json.Serialization.";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["string"] = "string",
        ["boolean"] = "bool",
        ["char"] = "char",
        ["sByte"] = "sbyte",
        ["byte"] = "byte",
        ["int16"] = "short",
        ["uInt16"] = "ushort",
        ["int32"] = "int",
        ["uInt32"] = "uint",
        ["int64"] = "long",
        ["uInt64"] = "ulong",
        ["single"] = "float",
        ["double"] = "double",
        ["decimal"] = "decimal",
        ["guid"] = "System.Guid",
        ["dateTime"] = "System.DateTime",
        ["dateTimeOffset"] = "System.DateTimeOffset",
        ["dateOnly"] = "System.DateOnly",
        ["timeOnly"] = "System.TimeOnly",
        ["timeSpan"] = "System.TimeSpan",
        ["uri"] = "System.Uri",
        ["bytes"] = "byte[]",
        ["("] = "string",
    };

    private readonly Dictionary<string, ParameterSyntax> _parameters;
    private readonly Dictionary<string, PropertyDeclarationSyntax> _properties;
    private readonly HashSet<SyntaxNode> _unchanged = [];
    private readonly HashSet<SyntaxNode> _broken = [];
    private readonly List<string> _requiredParameters = [];
    private readonly List<string> _optionalParameters = [];
    private readonly List<string> _bodyMembers = [];

    /// <summary>Parses the detail of a diagnostic, which contains the stored shape.</summary>
    /// <param name="node">The current record.</param>
    /// <param name="detail">One line for each stored member. The line has the member's name, whether the current record
    /// can no longer read the member, and the member's shape.</param>
    public OldShape(RecordDeclarationSyntax node, string detail)
    {
        _parameters = ByName(
            node.ParameterList!.Parameters, parameter => parameter.AttributeLists, parameter => parameter.Identifier);
        var properties = node.Members.OfType<PropertyDeclarationSyntax>().Where(IsSet).ToList();
        var named = properties.Where(property => !Has(property, "JsonExtensionData"));
        _properties = ByName(named, property => property.AttributeLists, property => property.Identifier);
        foreach (var line in detail.Split('\n').Where(line => line.Length > 0))
            AddMember(line.Split('\t'));
        foreach (var extra in properties.Where(property => Has(property, "JsonExtensionData")))
            Keep(extra);
    }

    /// <summary>Gets the code after the name of the record.</summary>
    public string Declaration => $"({string.Join(", ", _requiredParameters.Concat(_optionalParameters))})"
        + (_bodyMembers.Count == 0 ? ";" : "\n{\n    " + string.Join("\n\n    ", _bodyMembers) + "\n}");

    /// <summary>Gets an expression that creates the current event from an event named <c>old</c>.</summary>
    public string Upcast
    {
        get
        {
            var missing = _parameters
                .Values.Where(parameter => !_unchanged.Contains(parameter) && IsNeeded(parameter))
                .Select(NameOf)
                .Concat(
                    _properties.Values.Where(property => !_unchanged.Contains(property) && IsNeeded(property))
                        .Select(NameOf)
                )
                .ToList();
            if (missing.Count > 0)
                return $"throw new System.NotImplementedException(\"Specify {string.Join(", ", missing)} of an old "
                    + "event.\")";
            var isPositional = _parameters.Values.All(_unchanged.Contains);
            var arguments = _parameters.Values.Where(_unchanged.Contains)
                .Select(parameter => (isPositional ? "" : NameOf(parameter) + ": ") + $"old.{NameOf(parameter)}");
            var assignments = _unchanged.OfType<PropertyDeclarationSyntax>()
                .Select(property => $"{NameOf(property)} = old.{NameOf(property)}").ToList();
            var initializer = assignments.Count == 0 ? "" : $" {{ {string.Join(", ", assignments)} }}";
            return $"new({string.Join(", ", arguments)}){initializer}";
        }
    }

    private void AddMember(string[] columns)
    {
        var (json, isOptional) = ShapeName.Parse(columns[0]);
        _parameters.TryGetValue(json, out var parameter);
        _properties.TryGetValue(json, out var property);
        var current = (SyntaxNode?)parameter ?? property;
        if (current is null || columns[1] == bool.TrueString)
        {
            if (current is not null)
                _broken.Add(current);
            var type = Types.TryGetValue(columns[2], out var known) ? known : TypeOf(ShapeNode.Parse(columns[2]));
            _requiredParameters.Add($"{NameAttribute(json, out var name)}{type}{(isOptional ? "?" : "")} {name}");
        }
        else if (parameter is not null)
        {
            _unchanged.Add(parameter);
            var defaultsToNull =
                parameter.Type is NullableTypeSyntax
                && parameter.Default?.Value.ToString() is null or "null" or "default";
            (defaultsToNull || parameter.Default is null ? _requiredParameters : _optionalParameters).Add(
                (defaultsToNull ? parameter.WithDefault(null) : parameter).ToString().Trim());
        }
        else
        {
            Keep(property!); // The property exists.
        }
    }

    private void Keep(PropertyDeclarationSyntax property)
    {
        _unchanged.Add(property);
        _bodyMembers.Add(property.WithoutTrivia().ToString());
    }

    /// <summary>Returns true if the member must be set.</summary>
    private bool IsNeeded(ParameterSyntax parameter) => parameter.Default is null || _broken.Contains(parameter);

    private bool IsNeeded(PropertyDeclarationSyntax property) =>
        _broken.Contains(property) || property.Modifiers.Any(SyntaxKind.RequiredKeyword);

    private static string NameOf(ParameterSyntax parameter) => parameter.Identifier.Text;

    private static string NameOf(PropertyDeclarationSyntax property) => property.Identifier.Text;

    /// <summary>
    /// Returns a simple type, a list or a map for a shape. For other shapes, returns the type of any JSON.
    /// </summary>
    private static string TypeOf(ShapeNode? node)
    {
        if (node is null)
            return "System.Text.Json.JsonElement";
        var type = node.Kind switch
        {
            "[" when node.Items.Count == 1 => $"System.Collections.Generic.IReadOnlyList<{TypeOf(node.Items[0])}>",
            "<" when node.Items.Count == 2 => "System.Collections.Generic.IReadOnlyDictionary<"
                + $"{TypeOf(node.Items[0])}, {TypeOf(node.Items[1])}>",
            var kind => Types.TryGetValue(kind, out var known) ? known : "System.Text.Json.JsonElement",
        };
        return node.AllowsNull ? type + "?" : type;
    }

    /// <summary>
    /// Creates a C# name for a JSON name. Returns an attribute with the JSON name, or an empty text if the JSON name
    /// follows from the C# name.
    /// </summary>
    private static string NameAttribute(string json, out string name)
    {
        var letters = json.Select(letter => char.IsLetterOrDigit(letter) || letter == '_' ? letter : '_').ToArray();
        name = letters.Length == 0 || char.IsDigit(letters[0]) ? "_" + new string(letters) : new string(letters);
        name = char.ToUpperInvariant(name[0]) + name.Substring(1);
        return Casing.Camel(name) == json ? "" : $"[property: {Serialization}JsonPropertyName({json.Literal()})] ";
    }

    private static bool IsSet(PropertyDeclarationSyntax property) =>
        property.AccessorList?.Accessors.Any(accessor =>
            accessor.IsKind(SyntaxKind.InitAccessorDeclaration) || accessor.IsKind(SyntaxKind.SetAccessorDeclaration)
        ) == true;

    private static bool Has(PropertyDeclarationSyntax property, string attribute) =>
        Find(property.AttributeLists, attribute) is not null;

    internal static AttributeSyntax? Find(SyntaxList<AttributeListSyntax> lists, string attribute) =>
        lists
            .SelectMany(list => list.Attributes)
            .FirstOrDefault(one =>
                one.Name.ToString().Split('.').Last() is var name
                && (name == attribute || name == attribute + "Attribute"));

    private static Dictionary<string, TNode> ByName<TNode>(
        IEnumerable<TNode> nodes,
        Func<TNode, SyntaxList<AttributeListSyntax>> attributes,
        Func<TNode, SyntaxToken> identifier)
    {
        var found = new Dictionary<string, TNode>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var expression = Find(attributes(node), "JsonPropertyName")
                ?.ArgumentList?.Arguments.FirstOrDefault()
                ?.Expression;
            var json = expression is LiteralExpressionSyntax { Token.Value: string text }
                ? text
                : Casing.Camel(identifier(node).ValueText);
            found[json] = node;
        }
        return found;
    }
}
