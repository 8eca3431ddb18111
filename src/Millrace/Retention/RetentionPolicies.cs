using Millrace.Retention;

namespace Millrace;

/// <summary>Contains the retention policies of all tenants or of one tenant.</summary>
public sealed class RetentionPolicies
{
    private readonly List<RetentionPolicy> _policies;
    private readonly string? _tenant;

    internal RetentionPolicies(List<RetentionPolicy> policies, string? tenant) =>
        (_policies, _tenant) = (policies, tenant);

    /// <summary>Adds the policy of the streams of a category, such as <c>cart</c>.</summary>
    public RetentionPolicy Category(string category) => Add(RetentionTarget.Category, category);

    /// <summary>Adds the policy of an event type with its stored name, such as <c>sensor.measured</c>.</summary>
    public RetentionPolicy EventType(string type) => Add(RetentionTarget.EventType, type);

    /// <summary>Adds the policy of all streams that have no policy for their category.</summary>
    public RetentionPolicy AllStreams()
    {
        var policy = new RetentionPolicy(RetentionTarget.AllStreams, "", _tenant);
        _policies.Add(policy);
        return policy;
    }

    private RetentionPolicy Add(RetentionTarget target, string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var policy = new RetentionPolicy(target, name, _tenant);
        _policies.Add(policy);
        return policy;
    }
}
