using Millrace.Events;

namespace Millrace.ProcessManagers;

/// <summary>The definitions of one process in this build, by version.</summary>
internal sealed class ProcessPlans
{
    private readonly SortedDictionary<int, ProcessPlan> _plans = [];

    public ProcessPlans(string name, IEnumerable<ProcessDefinition> definitions)
    {
        Name = name;
        foreach (var definition in definitions)
        {
            if (!_plans.TryAdd(definition.Version, definition.Plan))
                throw new InvalidOperationException(
                    $"Two classes define version {definition.Version} of the process '{name}'.");
        }
    }

    public string Name { get; }

    /// <summary>Gets the version with which new instances start.</summary>
    public (int Version, ProcessPlan Plan) Newest => _plans.Last() is var last ? (last.Key, last.Value) : default;

    public IEnumerable<(int Version, ProcessPlan Plan)> All => _plans.Select(one => (one.Key, one.Value));

    /// <summary>Returns the event type for a stored name, or null if no definition uses it.</summary>
    public Type? TypeOf(EventTypeMap types, string name)
    {
        foreach (var plan in _plans.Values)
        {
            foreach (var route in plan.Routes)
            {
                if (types.Get(route.Event).Name == name)
                    return route.Event;
            }
        }
        return null;
    }

    /// <summary>Returns the definition of a version, or null if no class defines it.</summary>
    public ProcessPlan? Find(int version) => _plans.GetValueOrDefault(version);

    /// <summary>
    /// Returns the newest definition that takes over an earlier version, or null if no definition does.
    /// </summary>
    public (int Version, ProcessPlan Plan, IReadOnlyDictionary<string, string> Names)? FindSuccessor(int version)
    {
        foreach (var (number, plan) in _plans.Reverse())
        {
            foreach (var (continued, names) in plan.Continued)
            {
                if (continued == version)
                    return (number, plan, names);
            }
        }
        return null;
    }

    /// <summary>
    /// Returns the problem that prevents an instance from continuing with these definitions, or null if it can
    /// continue. If another version takes over the instance, the method applies the takeover to the instance.
    /// </summary>
    public string? ProblemOf(ProcessInstance instance, DateTimeOffset now)
    {
        var plan = Find(instance.Version);
        if (plan is null)
        {
            if (FindSuccessor(instance.Version) is not { } successor)
                return $"No class defines version {instance.Version}, and none continues it.";
            plan = successor.Plan;
            if (FindNameConflict(instance, successor.Names) is { } clash)
                return $"It has '{clash.Name}' and '{clash.Other}', and both would be '{clash.Name}': map each "
                    + "in Continues.";
            instance.Apply(ProcessEvents.Migrated, MigrationTo(successor.Version, plan, successor.Names), now);
        }
        List<string>? unknown = null;
        foreach (var (name, step) in instance.Steps)
        {
            if (step.Phase != StepPhase.Skipped && plan.Find(name) is null)
                (unknown ??= []).Add($"'{name}'");
        }
        return unknown is null ? null
            : $"It has {string.Join(", ", unknown)}, which the definition does not have any more: map them in "
                + "Continues.";
    }

    /// <summary>Returns a part that keeps its name, and another one that would get the same name.</summary>
    private static (string Name, string Other)? FindNameConflict(
        ProcessInstance instance, IReadOnlyDictionary<string, string> names)
    {
        foreach (var (from, to) in names)
        {
            if (from != to
                && instance.Steps.ContainsKey(from)
                && instance.Steps.ContainsKey(to)
                && !names.ContainsKey(to))
                return (to, from);
        }
        return null;
    }

    public static ProcessNote MigrationTo(int version, ProcessPlan plan, IReadOnlyDictionary<string, string> names) =>
        new() { Version = version, Outline = plan.Outline, Names = names.Count == 0 ? null : names };
}
