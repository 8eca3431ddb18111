namespace Millrace.Hosting.Checking;

/// <summary>A question that Millrace answers itself, with what to do after a no.</summary>
internal sealed record ReadinessQuestion(string Id, ReadinessGroup Group, string Text, string Remedy)
{
    public static readonly ReadinessQuestion Architecture = new(
        "architecture", ReadinessGroup.Design, "Is every event of the model read by something?",
        "Handle the events in a read model, consumer, process or aggregate, or remove them from the model.");

    public static readonly ReadinessQuestion EventSourcing = new(
        "event-sourcing", ReadinessGroup.Design, "Can every stored event be read?",
        "Register the event types, or add upcasters or former names.");

    public static readonly ReadinessQuestion Separation = new(
        "cqrs", ReadinessGroup.Design, "Are changes and reads separate?",
        "Change state with commands, and read it from read models or queries.");

    public static readonly ReadinessQuestion Messaging = new(
        "messaging", ReadinessGroup.Design, "Is messaging integrated?",
        "Declare what each broker publishes or receives.");

    public static readonly ReadinessQuestion DurableStore = new(
        "durable-store", ReadinessGroup.Design, "Does the store survive a restart?",
        "Use UseSqlite or UsePostgreSql.");

    public static readonly ReadinessQuestion Failures = new(
        "failures", ReadinessGroup.Design, "Are all failures handled?",
        "Handle the dead letters, held processes and stopped consumers.");

    public static readonly ReadinessQuestion Aggregates = new(
        "aggregates", ReadinessGroup.Implementation, "Do aggregates or deciders decide what is stored?",
        "Add an aggregate or a decider to the model.");

    public static readonly ReadinessQuestion Events = new(
        "events", ReadinessGroup.Implementation, "Are events defined completely, with personal data marked?",
        "Define events, and mark members with personal data.");

    public static readonly ReadinessQuestion Commands = new(
        "commands", ReadinessGroup.Implementation, "Are there command handlers?", "Add a command with its handler.");

    public static readonly ReadinessQuestion Queries = new(
        "queries", ReadinessGroup.Implementation, "Are there query handlers or read models?",
        "Add a read model, or a query with its handler.");

    public static readonly ReadinessQuestion Store = new(
        "store", ReadinessGroup.Implementation, "Is the store configured, and does it answer?",
        "Run: millrace doctor");

    public static readonly ReadinessQuestion ReadModels = new(
        "read-models", ReadinessGroup.Implementation, "Are the read models up to date?",
        "Run: millrace consumers");

    public static readonly ReadinessQuestion Brokers = new(
        "brokers", ReadinessGroup.Implementation, "Are the brokers connected?",
        "Start the broker, or correct its address and credentials.");

    public static readonly ReadinessQuestion Alerts = new(
        "alerts", ReadinessGroup.Implementation, "Are alerts sent to somebody?",
        "Add UseAlerts with a channel, such as mail or a webhook.");

    public static readonly ReadinessQuestion Backup = new(
        "backup", ReadinessGroup.Operation, "Is the store backed up?",
        "Add UseBackup. If other means back it up, accept this answer.");

    public static readonly ReadinessQuestion LogAudit = new(
        "log-audit", ReadinessGroup.Operation, "Is damage of the log noticed?",
        "Add AddLogAudit, and run millrace verify if it found a problem.");

    public static readonly ReadinessQuestion AccessControl = new(
        "access-control", ReadinessGroup.Operation, "Are the rights of users checked?",
        "Add AddAccessControl, or accept this answer if only trusted programs use the application.");

    public static readonly ReadinessQuestion Probes = new(
        "probes", ReadinessGroup.Operation, "Can a scheduler see when a node is ready, and stop it without errors?",
        "Add AddMillraceProbes and MapMillraceProbes.");

    /// <summary>Gets all questions in the order of the report.</summary>
    public static IReadOnlyList<ReadinessQuestion> All { get; } =
    [
        Architecture, EventSourcing, Separation, Messaging, DurableStore, Failures,
        Aggregates, Events, Commands, Queries, Store, ReadModels, Brokers, Alerts,
        Backup, LogAudit, AccessControl, Probes,
    ];

    public ReadinessItem Yes(string reason) => Item(ReadinessAnswer.Yes, reason);

    public ReadinessItem NotUsed(string reason) => Item(ReadinessAnswer.NotUsed, reason);

    public ReadinessItem No(string reason) => Item(ReadinessAnswer.No, reason) with { Remedy = Remedy };

    public ReadinessItem Unknown(string reason) => Item(ReadinessAnswer.Unknown, reason) with { Remedy = Remedy };

    /// <summary>Answers yes without problems, and otherwise no with the problems.</summary>
    public ReadinessItem Of(IReadOnlyCollection<string> problems, string reason) =>
        problems.Count == 0 ? Yes(reason) : No(string.Join(' ', problems));

    private ReadinessItem Item(ReadinessAnswer answer, string reason) => new(Id, Group, Text, answer, reason);
}
