namespace Millrace.Discovery;

/// <summary>Compares lists of instances, but ignores the times of the last heartbeats.</summary>
internal static class ServiceInstanceComparer
{
    public static bool AreSame(IReadOnlyList<ServiceInstance> first, IReadOnlyList<ServiceInstance> second)
    {
        if (first.Count != second.Count)
            return false;
        for (var i = 0; i < first.Count; i++)
        {
            var (left, right) = (first[i], second[i]);
            if (left.Id != right.Id
                || left.Address != right.Address
                || left.Port != right.Port
                || !left.Tags.SequenceEqual(right.Tags))
                return false;
        }
        return true;
    }
}
