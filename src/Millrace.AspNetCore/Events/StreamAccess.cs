using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Access;

namespace Millrace.AspNetCore.Events;

/// <summary>Checks which streams the user of one request may read, each stream once.</summary>
internal sealed class StreamAccess(HttpContext http)
{
    private readonly bool _isOn = EndpointAccess.IsOn(http.RequestServices);
    private readonly Dictionary<StreamId, bool> _known = [];

    public async ValueTask<bool> MayRead(StreamId stream)
    {
        if (!_isOn)
            return true;
        if (_known.TryGetValue(stream, out var known))
            return known;
        var mayRead = await EndpointAccess
            .Allows(http, AccessPermission.Read(stream), http.RequestAborted)
            .ConfigureAwait(false);
        _known.Add(stream, mayRead);
        return mayRead;
    }
}
