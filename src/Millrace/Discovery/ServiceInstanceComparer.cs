namespace Millrace;

/// <summary>Compares what was found, but for when it was last heard of.</summary>
internal static class ServiceInstanceComparer
{
    public static bool AreSame(IReadOnlyList<ServiceInstance> one, IReadOnlyList<ServiceInstance> other)
    {
        if (one.Count != other.Count)
            return false;
        for (var i = 0; i < one.Count; i++)
        {
            var (left, right) = (one[i], other[i]);
            if (left.Id != right.Id
                || left.Address != right.Address
                || left.Port != right.Port
                || !left.Tags.SequenceEqual(right.Tags))
                return false;
        }
        return true;
    }
}
