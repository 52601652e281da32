using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace LexCustis.Infrastructure.Web;

/// <summary>The reverse proxies whose <c>X-Forwarded-For</c> is believed.</summary>
internal sealed class TrustedProxies(IReadOnlyList<IPNetwork> networks)
{
    public static bool TryParse(string list, [NotNullWhen(true)] out TrustedProxies? proxies, [NotNullWhen(false)] out string? wrong)
    {
        var networks = new List<IPNetwork>();
        foreach (var part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPNetwork.TryParse(part, out var network))
                networks.Add(network);
            // Written out: the parser also takes 10 for 0.0.0.10, which nobody means.
            else if (IPAddress.TryParse(part, out var address) && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == part))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
            {
                (proxies, wrong) = (null, part);
                return false;
            }
        }

        (proxies, wrong) = (new TrustedProxies(networks), null);
        return true;
    }

    /// <summary>The client's address: from the right of the header, the first that no trusted proxy has; the connection's own when it is not a proxy's.</summary>
    public IPAddress? Client(IPAddress? connection, string? forwardedFor)
    {
        var client = Plain(connection);
        if (networks.Count == 0 || forwardedFor is null)
            return client;

        var hops = forwardedFor.Split(',', StringSplitOptions.TrimEntries);
        for (var hop = hops.Length - 1; hop >= 0 && client is not null && Trusts(client); hop--)
        {
            if (!TryParseHop(hops[hop], out var next))
                break;
            client = next;
        }

        return client;
    }

    /// <summary>Whether the other end of a connection is one of them.</summary>
    public bool Trusts(IPAddress? connection)
    {
        var address = Plain(connection);
        foreach (var network in networks)
        {
            if (address is not null && network.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>Proxies write an address bare, with a port, or in brackets.</summary>
    private static bool TryParseHop(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (!IPAddress.TryParse(text, out var parsed))
        {
            if (!IPEndPoint.TryParse(text, out var endPoint))
                return false;
            parsed = endPoint.Address;
        }

        address = Plain(parsed);
        return true;
    }

    [return: NotNullIfNotNull(nameof(address))]
    private static IPAddress? Plain(IPAddress? address) => address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
}
