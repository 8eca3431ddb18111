using System.Reflection;

namespace Millrace.Cli.Builds;

/// <summary>
/// The SQL projections of a build. An application registers them in code that the tool does not run. The tool therefore
/// finds them by their base class.
/// </summary>
/// <param name="Created">The projections that the tool created with a constructor without parameters.</param>
/// <param name="Unavailable">The names of the classes that the tool could not create.</param>
internal sealed record TableProjections(IReadOnlyList<SqlProjection> Created, IReadOnlyList<string> Unavailable)
{
    public static TableProjections Of(IEnumerable<Type> types)
    {
        var (created, unavailable) = (new List<SqlProjection>(), new List<string>());
        var found = types.Where(type =>
            typeof(SqlProjection).IsAssignableFrom(type) && !type.IsAbstract && !type.ContainsGenericParameters);
        foreach (var type in found.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            if (TryCreate(type) is { } projection)
                created.Add(projection);
            else
                unavailable.Add(type.Name);
        }
        return new(created, unavailable);
    }

    private static SqlProjection? TryCreate(Type type)
    {
        var constructor = type.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, []);
        try
        {
            return (SqlProjection?)constructor?.Invoke(BindingFlags.DoNotWrapExceptions, null, null, null);
        }
#pragma warning disable CA1031 // Application code can throw any exception. The class is then listed as unavailable.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
