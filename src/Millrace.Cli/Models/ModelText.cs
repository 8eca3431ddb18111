using System.Globalization;

namespace Millrace.Cli.Models;

/// <summary>Formats parts of a model as text.</summary>
internal static class ModelText
{
    public static string Versions(EventDescription description) =>
        string.Join(
            ", ", description.Versions.Select(version => version.Version.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Formats a writer with its commands: <c>Order (pay-order)</c>.</summary>
    public static string Writers(EventDescription description) => string.Join("; ", description.Writers.Select(Of));

    public static string Of(EventWriter writer) => writer.Kind switch
    {
        EventPartKind.Command => $"the handler of {writer.Name}",
        _ when writer.Commands.Count > 0 => $"{writer.Name} ({string.Join(", ", writer.Commands)})",
        _ => writer.Name,
    };

    public static string Readers(EventDescription description) =>
        string.Join(", ", description.Readers.Select(reader => reader.Name));

    public static string Of(EventPartKind kind) => kind switch
    {
        EventPartKind.Aggregate => "aggregate",
        EventPartKind.ReadModel => "read model",
        EventPartKind.Consumer => "consumer",
        EventPartKind.Command => "command",
        EventPartKind.Process => "process",
        _ => "code",
    };

    public static string Of(TargetRequirement requirement) => requirement switch
    {
        TargetRequirement.BeNew => "must not exist yet",
        TargetRequirement.Exist => "must exist",
        _ => "may exist or not",
    };

    public static string Of(ProjectionLifecycle lifecycle) => lifecycle switch
    {
        ProjectionLifecycle.Inline => "with the events",
        ProjectionLifecycle.Live => "when it is read",
        _ => "soon after the events",
    };

    /// <summary>Formats a type as in C#, without namespaces.</summary>
    public static string Of(Type type) => ModelDescription.NameOf(type);

    public static string List(IEnumerable<string> names) => string.Join(", ", names);
}
