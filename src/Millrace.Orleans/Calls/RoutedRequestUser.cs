using System.Security.Claims;

namespace Millrace.Orleans.Calls;

/// <summary>
/// The user of the request on another node whose command this node handles. Commands and queries that the handler sends
/// without a user act for this user, as on the node of the request.
/// </summary>
internal sealed class RoutedRequestUser : IRequestUser
{
    private readonly AsyncLocal<Use?> _use = new();

    public ClaimsPrincipal? Current => _use.Value?.User;

    /// <summary>
    /// Sets the user of the current execution context until the result is disposed. Code that still runs then acts for
    /// the system, as after the end of a request.
    /// </summary>
    public IDisposable Enter(ClaimsPrincipal? user)
    {
        var use = new Use { User = user };
        _use.Value = use;
        return use;
    }

    private sealed class Use : IDisposable
    {
        private volatile ClaimsPrincipal? _user;

        public ClaimsPrincipal? User
        {
            get => _user;
            init => _user = value;
        }

        public void Dispose() => _user = null;
    }
}
