using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Purity;

/// <summary>Finds and describes the effects that methods of known types have outside the program.</summary>
internal sealed class ExternalTypes
{
    private const string Logs = "writes to a log";
    private const string Background = "starts background work";
    private const string Network = "calls over the network";
    private const string Files = "reads or writes files";
    private const string Database = "uses a database";
    private const string Broker = "uses a message broker";
    private const string Mail = "sends email";
    private const string Service = "calls an external service";
    private const string Store = "writes to the store independently of the command";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["System.Console"] = "writes to the console",
        ["System.Diagnostics.Process"] = "starts a process",
        ["System.IO.Directory"] = Files,
        ["System.IO.DirectoryInfo"] = Files,
        ["System.IO.DriveInfo"] = Files,
        ["System.IO.File"] = Files,
        ["System.IO.FileInfo"] = Files,
        ["System.IO.FileStream"] = Files,
        ["System.IO.FileSystemWatcher"] = Files,
        ["System.Net.Dns"] = Network,
        ["System.Net.Http.HttpMessageInvoker"] = Network,
        ["System.Net.Http.Json.HttpClientJsonExtensions"] = Network,
        ["System.Net.Mail.SmtpClient"] = Mail,
        ["System.Net.NetworkInformation.Ping"] = Network,
        ["System.Net.WebClient"] = Network,
        ["System.Net.WebRequest"] = Network,
        ["System.Data.IDbConnection"] = Database,
        ["System.Data.IDbCommand"] = Database,
        ["System.Data.IDbTransaction"] = Database,
        ["System.Threading.Thread"] = Background,
        ["System.Threading.ThreadPool"] = Background,
        ["Microsoft.Extensions.Logging.ILogger"] = Logs,
        ["Microsoft.Extensions.Logging.LoggerExtensions"] = Logs,
        ["MailKit.IMailService"] = Mail,
        ["Millrace.EventStore"] = Store,
        ["Millrace.ICommandBus"] = Store,
    };

    // The effects of the types in a namespace and in its nested namespaces.
    private static readonly (string Namespace, string Effect)[] Namespaces =
    [
        ("Amazon", Service),
        ("Azure.Data", Database),
        ("Azure.Messaging", Broker),
        ("Azure.Storage", Files),
        ("Confluent.Kafka", Broker),
        ("Dapper", Database),
        ("Grpc.Core", Network),
        ("Grpc.Net", Network),
        ("MailKit", Mail),
        ("MassTransit", Broker),
        ("Microsoft.EntityFrameworkCore", Database),
        ("MongoDB.Driver", Database),
        ("NATS", Broker),
        ("NServiceBus", Broker),
        ("RabbitMQ.Client", Broker),
        ("RestSharp", Network),
        ("SendGrid", Mail),
        ("StackExchange.Redis", Database),
        ("Stripe", Service),
        ("System.Net.Sockets", Network),
        ("System.Net.WebSockets", Network),
        ("Twilio", Service),
        ("Wolverine", Broker),
    ];

    /// <summary>The store's methods that write. Reading is allowed anywhere.</summary>
    private static readonly HashSet<string> StoreWrites =
        new(StringComparer.Ordinal) { "Append", "Delete", "Truncate", "Tombstone", "Backup" };

    private readonly ConcurrentDictionary<INamedTypeSymbol, string?> _known = new(SymbolEqualityComparer.Default);

    /// <summary>Returns true if a handler may have an effect, because a repetition is harmless.</summary>
    public static bool IsHarmless(string effect) => effect is Logs or Background;

    /// <summary>Returns the external effect of a method, or null if none is known.</summary>
    public string? EffectOf(IMethodSymbol method)
    {
        if (method.ContainingType is not { } type
            || method.Name is "Dispose" or "DisposeAsync" or "ToString" or "Equals" or "GetHashCode")
            return null;
        if (type is { Name: "Task" or "TaskFactory" }
            && method.Name is "Run" or "StartNew" or "Delay"
            && IsInTasksNamespace(type))
            return Background;
        if (type.Is("Millrace.EventStore") && !StoreWrites.Contains(method.Name))
            return null;
        return EffectOf(type) ?? (method.Parameters.Any(parameter => EffectOf(parameter.Type) == Logs) ? Logs : null);
    }

    /// <summary>Returns the external effect of creating an object of a type.</summary>
    public string? EffectOfCreating(IMethodSymbol? constructor) => constructor?.ContainingType switch
    {
        { Name: "FileStream" } type => EffectOf(type),
        { Name: "StreamWriter" or "StreamReader" }
            when constructor.Parameters is [{ Type.SpecialType: SpecialType.System_String }, ..] => Files,
        _ => null,
    };

    private static bool IsInTasksNamespace(INamedTypeSymbol type) =>
        type.ContainingNamespace?.ToDisplayString() == "System.Threading.Tasks";

    private string? EffectOf(ITypeSymbol type) =>
        type is INamedTypeSymbol named ? _known.GetOrAdd(named.OriginalDefinition, Find) : null;

    private static string? Find(INamedTypeSymbol type)
    {
        for (var current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType)
        {
            if (Types.TryGetValue(current.DefinitionName(), out var effect)
                || (effect = EffectOfNamespace(current)) is not null)
                return effect;
        }
        foreach (var interfaceType in type.AllInterfaces)
        {
            if (Types.TryGetValue(interfaceType.DefinitionName(), out var effect))
                return effect;
        }
        return null;
    }

    private static string? EffectOfNamespace(INamedTypeSymbol type)
    {
        var namespaceName = type.ContainingNamespace?.ToDisplayString() ?? "";
        foreach (var (known, effect) in Namespaces)
        {
            if (namespaceName.StartsWith(known, StringComparison.Ordinal)
                && (namespaceName.Length == known.Length || namespaceName[known.Length] == '.'))
                return effect;
        }
        return null;
    }
}
