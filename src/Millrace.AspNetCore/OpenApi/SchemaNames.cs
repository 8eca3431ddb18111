using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// The names of components. A component has the type's short name if the name is unique among the types of the
/// endpoints, ignoring case. Otherwise, parts of the namespace make the name unique.
/// </summary>
/// <remarks>
/// All types are known before the first one is named, so that names do not depend on the order in which endpoints are
/// mapped.
/// </remarks>
internal sealed class SchemaNames(ModelCatalog model, IServiceProvider services)
{
    private readonly Lock _lock = new();
    private readonly List<Func<JsonTypeInfo, string?>> _custom = [];
    private readonly HashSet<string> _reserved = new(StringComparer.OrdinalIgnoreCase) { ProblemDescription.Id };
    private readonly Dictionary<Type, string> _names = new() { [typeof(HttpProblem)] = ProblemDescription.Id };
    private Dictionary<string, Type> _types = new(StringComparer.Ordinal);
    private bool _isRead;

    /// <summary>Keeps the names that the application's own function returns.</summary>
    public void Keep(Func<JsonTypeInfo, string?> custom)
    {
        lock (_lock)
            _custom.Add(custom);
    }

    /// <summary>Returns the name of a type's component, or null if the type is described inline.</summary>
    public string? Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        lock (_lock)
        {
            if (!_isRead)
            {
                _isRead = true;
                Assign(SchemaTypes.Of(services, model, Json));
            }
            if (!_names.ContainsKey(type))
                Assign([type]); // A transformer of the application uses the type, but no endpoint does.
            return _names.GetValueOrDefault(type);
        }
    }

    /// <summary>Returns a name for a component without a type, with a number if the name is taken.</summary>
    public string Reserve(string name)
    {
        lock (_lock)
            return Unique(name);
    }

    /// <summary>Returns the type of a component, or null if this class did not assign the name.</summary>
    public Type? TypeOf(string name)
    {
        lock (_lock)
            return _types.GetValueOrDefault(name);
    }

    private JsonTypeInfo? Json(Type type) =>
        model.Json.TryGetTypeInfo(type, out var known) ? known
        : services
            .GetRequiredService<IOptions<JsonOptions>>()
            .Value.SerializerOptions.TryGetTypeInfo(type, out var other)
            ? other
        : null;

    private void Assign(IEnumerable<Type> types)
    {
        var open = new List<QualifiedName>();
        var unnamed = types.Where(type => !_names.ContainsKey(type));
        foreach (var type in unnamed.OrderBy(type => type.AssemblyQualifiedName, StringComparer.Ordinal))
        {
            if (Json(type) is not { } info || OpenApiOptions.CreateDefaultSchemaReferenceId(info) is not { } name)
                continue;
            if (_custom.Select(custom => custom(info)).FirstOrDefault(own => own is not null && own != name) is
                { } reserved)
                _reserved.Add(reserved); // The application chose this name.
            else
                open.Add(new QualifiedName(type, name));
        }
        Qualify(open);
        foreach (var name in open)
            _names.Add(name.Type, Unique(name.Text));
        _types = _names.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }

    /// <summary>Adds parts of namespaces to equal names until they differ or no parts are left.</summary>
    private void Qualify(List<QualifiedName> names)
    {
        bool isChanged;
        do
        {
            isChanged = false;
            foreach (var alike in names.GroupBy(name => name.Text, StringComparer.OrdinalIgnoreCase).ToArray())
            {
                if (!alike.Skip(1).Any() && !_reserved.Contains(alike.Key))
                    continue;
                foreach (var name in alike)
                    isChanged |= name.Extend();
            }
        }
        while (isChanged);
    }

    private string Unique(string name)
    {
        var unique = name;
        for (var number = 2; !_reserved.Add(unique); number++)
            unique = $"{name}{number}";
        return unique;
    }
}
