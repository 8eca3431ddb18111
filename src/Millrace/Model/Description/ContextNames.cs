namespace Millrace.Model.Description;

/// <summary>
/// Determines the bounded context of a type. The context is a part of the type's namespace after the namespace of the
/// model. It is the first part that is not a technical term.
/// </summary>
internal sealed class ContextNames
{
    private static readonly HashSet<string> Technical = new(StringComparer.OrdinalIgnoreCase)
    {
        "Aggregates",
        "Api",
        "Application",
        "Commands",
        "Consumers",
        "Contexts",
        "Contracts",
        "Core",
        "Deciders",
        "Domain",
        "Endpoints",
        "Entities",
        "Events",
        "Features",
        "Handlers",
        "Infrastructure",
        "Ids",
        "Messages",
        "Model",
        "Models",
        "Modules",
        "Projections",
        "Queries",
        "ReadModels",
        "Services",
        "Slices",
        "Values",
        "Views",
    };

    private readonly IReadOnlyList<string> _roots;

    public ContextNames(IEnumerable<string> models) => _roots = [.. models.Select(NamespaceOf)];

    /// <summary>Returns the context of a type by its full name.</summary>
    public string Of(string type)
    {
        var typeNamespace = NamespaceOf(type);
        var root = _roots
            .Where(root => root.Length == 0 || typeNamespace == root
                || typeNamespace.StartsWith(root + ".", StringComparison.Ordinal))
            .MaxBy(root => root.Length);
        var inner = root is null
            ? typeNamespace
            : typeNamespace[Math.Min(typeNamespace.Length, root.Length == 0 ? 0 : root.Length + 1)..];
        var parts = inner.Split('.', StringSplitOptions.RemoveEmptyEntries);
        return parts.FirstOrDefault(part => !Technical.Contains(part))
            ?? typeNamespace.Split('.').LastOrDefault(part => part.Length > 0 && !Technical.Contains(part))
            ?? "Model";
    }

    private static string NamespaceOf(string type) => type.LastIndexOf('.') is > 0 and var end ? type[..end] : "";
}
